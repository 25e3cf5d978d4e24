import Testing
import YuyanCore
import YuyanShift

/// The tests on all features together.
@Suite struct SeveralFeaturesTests {
    /// Expected: the double sums over the kernel in NumPy 2, with the median of `scipy.spatial.distance.pdist`.
    @Test func theDiscrepancyIsThatOfItsDefinition() throws {
        let (a, b) = (rows(made(24, 1), of: 2), rows(made(16, 7).map { $0 * 1.5 }, of: 2))
        try withSeed(0) {
            let test = try maximumMeanDiscrepancyTest(a, b)
            #expect(agree(test.statistic, 0.08368473556302192), "\(test)")
            let narrow = try maximumMeanDiscrepancyTest(a, b, bandwidth: 0.5)
            #expect(agree(narrow.statistic, 0.09235688147753607), "\(narrow)")
        }
    }

    @Test func permutationsGiveTheProbability() throws {
        let a = rows(made(80, 1), of: 2)
        let far = rows(made(60, 2).map { $0 + 3 }, of: 2)
        try withSeed(1) {
            #expect(try maximumMeanDiscrepancyTest(a, far).pValue == 1.0 / 200)
            #expect(try maximumMeanDiscrepancyTest(a, far, permutations: 9).pValue == 1.0 / 10)
            // All rows are alike: no split is less extreme, and there is no median distance.
            let same = try maximumMeanDiscrepancyTest(Tensor.ones([5, 2]), Tensor.ones([4, 2]))
            #expect(same.pValue == 1 && abs(same.statistic) < 1e-12)
        }
        func pValue(_ seed: UInt64) throws -> Double {
            try withSeed(seed) { try maximumMeanDiscrepancyTest(a, rows(made(60, 2), of: 2)).pValue }
        }
        #expect(try pValue(1) == pValue(1) && pValue(1) > 0.05)
        #expect(try pValue(1) != pValue(2))
    }

    /// Expected: `scipy.stats.hypergeom.sf(count - 1, total, marked, drawn)` of SciPy 1.17.1.
    @Test func hypergeometricProbabilitiesAreSciPys() {
        let cases: [(count: Int, total: Int, marked: Int, drawn: Int, pValue: Double)] = [
            (18, 50, 22, 27, 0.0005145379583478936), (3, 10, 5, 5, 0.4999999999999999),
            (30, 60, 31, 30, 2.621241253282434e-16), (0, 10, 3, 4, 1),
        ]
        for (count, total, marked, drawn, pValue) in cases {
            let found = hypergeometricProbability(reaching: count, drawn: drawn, marked: marked, total: total)
            #expect(agree(found, pValue, 1e-9), "\(count): \(found)")
        }
    }

    @Test func theClassifierNoticesWhatItsTermsShow() throws {
        try withSeed(3) {
            let a = Tensor.normal([200, 2])
            let shifted = Tensor.normal([160, 2]) + 1.5
            let wider = Tensor.normal([160, 2]) * 3
            let found = try domainClassifierTest(a, shifted)
            #expect(found.statistic > 0.75 && found.pValue < 1e-6, "\(found)")
            #expect(try domainClassifierTest(a, wider).pValue < 1e-4)
            #expect(try domainClassifierTest(a, wider, terms: .linear).pValue > 0.05)
            // Told apart without an error: all 180 held-out rows.
            let far = try domainClassifierTest(a, Tensor.normal([160, 2]) + 100)
            #expect(
                far.statistic == 1
                    && agree(
                        far.pValue,
                        hypergeometricProbability(
                            reaching: 80, drawn: 80, marked: 80, total: 180))
            )
            #expect(try domainClassifierTest(Tensor.ones([9, 2]), Tensor.ones([9, 2])).pValue == 1)
        }
    }

    @Test func smallSamplesAreErrors() throws {
        let one = rows([1, 2], of: 2)
        #expect(throws: ShiftError.tooFewSamples(count: 1, needed: 2)) { try maximumMeanDiscrepancyTest(one, one) }
        #expect(throws: ShiftError.tooFewSamples(count: 1, needed: 4)) { try domainClassifierTest(one, one) }
        let broken = rows([1, 2, 3, .nan, 5, 6, 7, 8], of: 2)
        #expect(throws: ShiftError.notFinite(row: 1, feature: 1)) { try domainClassifierTest(broken, broken) }
        #expect(throws: ShiftError.notFinite(row: 1, feature: 1)) { try maximumMeanDiscrepancyTest(broken, broken) }
    }
}
