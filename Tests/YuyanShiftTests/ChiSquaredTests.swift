import Testing
import YuyanCore
import YuyanShift

@Suite struct ChiSquaredTests {
    /// Expected: `scipy.stats.chi2_contingency(counts, correction=False)` of SciPy 1.17.1.
    @Test func resultsAreSciPys() throws {
        let cases: [(counts: [[Int]], statistic: Double, pValue: Double)] = [
            ([[10, 20, 30], [6, 9, 17]], 0.27157465150403504, 0.873028283380073),
            ([[10, 20, 30], [25, 20, 15]], 11.428571428571429, 0.003298505755939092),
            ([[100, 200], [150, 150]], 17.142857142857142, 3.4671076872696563e-05),
            ([[5, 0, 12], [7, 3, 2], [1, 9, 4]], 22.788319387584096, 0.00013957139094407145),
            ([[812, 790, 801, 795], [790, 805, 780, 830]], 1.4683208051137182, 0.6896009324184915),
            ([[500, 10], [10, 500]], 941.5686274509804, 9.026604757544632e-207),
        ]
        for (counts, statistic, pValue) in cases {
            let test = try chiSquaredTest(counts: counts)
            #expect(agree(test.statistic, statistic), "\(counts): \(test)")
            #expect(agree(test.pValue, pValue), "\(counts): \(test)")
        }
    }

    /// Expected: `scipy.stats.chi2.sf(statistic, degreesOfFreedom)` of SciPy 1.17.1.
    @Test func probabilitiesAreSciPys() {
        let cases: [(statistic: Double, degreesOfFreedom: Int, pValue: Double)] = [
            (0.5, 1, 0.47950012218695337), (3.84, 1, 0.05004352124870519), (30, 3, 1.3800570312932553e-06),
            (120, 100, 0.08440668109369177), (80, 100, 0.9296649333406051), (2000, 1900, 0.054206673889018606),
            (0.001, 50, 1), (0, 1, 1), (1500, 1, 0), (5, 0, 1),
        ]
        for (statistic, degreesOfFreedom, pValue) in cases {
            let found = chiSquaredProbability(reaching: statistic, degreesOfFreedom: degreesOfFreedom)
            #expect(abs(found - pValue) <= 1e-10 * pValue, "\(statistic), \(degreesOfFreedom): \(found)")
        }
    }

    @Test func labelsAreCounted() throws {
        func labels(_ counts: [Int], _ names: [Int]) -> Tensor {
            Tensor(zip(counts, names).flatMap { [Int](repeating: $1, count: $0) })
        }
        let expected = try chiSquaredTest(counts: [[10, 20, 30], [25, 20, 15]])
        #expect(
            try chiSquaredTest(labels([10, 20, 30], [0, 1, 2]), labels([25, 20, 15], [0, 1, 2])) == expected)
        // A class that nobody has says nothing.
        #expect(try chiSquaredTest(labels([10, 20, 30], [0, 3, 7]), labels([25, 20, 15], [0, 3, 7])) == expected)
        #expect(try chiSquaredTest(counts: [[10, 20, 0, 30], [25, 20, 0, 15]]) == expected)
        #expect(try chiSquaredTest(labels([5], [1]), labels([9], [1])) == TwoSampleTest(statistic: 0, pValue: 1))
        #expect(throws: ShiftError.tooFewSamples(count: 0, needed: 1)) {
            try chiSquaredTest(counts: [[0, 0], [1, 2]])
        }
        #expect(throws: ShiftError.tooFewSamples(count: 0, needed: 1)) {
            try chiSquaredTest(labels([], []), labels([9], [1]))
        }
    }
}
