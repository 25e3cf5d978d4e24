import Testing
import YuyanCore
import YuyanShift

@Suite struct KolmogorovSmirnovTests {
    /// Expected: `scipy.stats.ks_2samp(a, b)` of SciPy 1.17.1.
    @Test func exactProbabilitiesAreSciPys() throws {
        func scaled(_ count: Int, _ seed: Int, _ scale: Double, _ shift: Double) -> [Double] {
            made(count, seed).map { $0 * scale + shift }
        }
        func tenths(_ values: [Double]) -> [Double] { values.map { ($0 * 10).rounded(.toNearestOrEven) / 10 } }
        let cases: [(a: [Double], b: [Double], statistic: Double, pValue: Double)] = [
            ([0.1, 0.4, 0.7], [0.2, 0.5, 0.6, 0.9, 1.1], 0.4666666666666667, 0.6785714285714286),
            (made(50, 1), made(50, 2), 0.1, 0.9667464356809096),
            (made(50, 1), scaled(50, 2, 1, 0.3), 0.36, 0.002834980581320342),
            (made(30, 1), scaled(30, 2, 1, 2), 1, 1.6911233892144742e-17),
            (made(50, 1), made(60, 3), 0.14, 0.6075120763335352),
            (made(50, 1), scaled(60, 3, 1.2, 0.1), 0.31333333333333335, 0.007249104904219962),
            (made(37, 5), scaled(101, 7, 1, 0.2), 0.3112122023013112, 0.007833456793156706),
            ([0.5], made(9, 7), 0.5555555555555556, 1),
            (tenths(made(40, 1)), tenths(scaled(70, 2, 1, 0.1)), 0.23214285714285715, 0.1100353520358362),
            (made(20, 1), made(20, 1), 0, 1),
            (made(1000, 1), scaled(700, 9, 1.05, 0), 0.06442857142857143, 0.06243320901253486),
        ]
        for (a, b, statistic, pValue) in cases {
            let test = try kolmogorovSmirnovTest(column(a), column(b))
            #expect(agree(test.statistic, statistic), "\(a.count) and \(b.count): \(test)")
            #expect(agree(test.pValue, pValue), "\(a.count) and \(b.count): \(test)")
            let swapped = try kolmogorovSmirnovTest(column(b), column(a))
            #expect(agree(swapped.pValue, pValue) && swapped.statistic == test.statistic)
        }
    }

    /// Expected: as above; more than 10 000 values.
    @Test func probabilitiesOfLargeSamplesAreSciPys() throws {
        let a = made(12000, 1)
        let cases: [(a: [Double], b: [Double], statistic: Double, pValue: Double)] = [
            (a, made(11000, 9), 0.011090909090909096, 0.4769437835455532),
            (a, made(11000, 9).map { $0 * 1.02 }, 0.025969696969696976, 0.0008535708068025972),
            (a, made(11000, 9).map { $0 * 1.1 }, 0.09337121212121213, 5.399379211280884e-44),
            (made(20000, 1), made(400, 9).map { $0 * 1.1 }, 0.11804999999999999, 3.2333971154753644e-05),
        ]
        for (a, b, statistic, pValue) in cases {
            let test = try kolmogorovSmirnovTest(column(a), column(b))
            #expect(agree(test.statistic, statistic), "\(test)")
            // The logarithms of factorials of thousands lose some digits.
            #expect(agree(test.pValue, pValue, 1e-7), "\(test)")
        }
    }

    /// Expected: `scipy.stats.kstwo.sf(distance, count)` of SciPy 1.17.1.
    @Test func theLimitIsSciPys() {
        let cases: [(count: Double, distance: Double, pValue: Double)] = [
            (5739, 0.004, 0.9999854814677773), (5739, 0.01, 0.6107803904431183), (5739, 0.0147, 0.1657082532277997),
            (5739, 0.02, 0.02000810268540017), (5739, 0.05, 6.576769835850985e-13), (200, 0.05, 0.6802625495871704),
            (200, 0.1, 0.03411035080315383), (200, 0.2, 1.7317874617308334e-07), (200, 1, 0), (200, 0, 1),
        ]
        for (count, distance, pValue) in cases {
            let found = kolmogorovProbability(count: count, reaching: distance)
            #expect(abs(found - pValue) <= 1e-7 * pValue, "\(count), \(distance): \(found)")
        }
    }

    /// All 10 ways to mix 3 and 2 values, counted by hand: D is 1 in 2 of them, 2/3 or more in 6, and 1/2 or more in 9.
    @Test func smallProbabilitiesAreCounts() {
        #expect(agree(smirnovProbability(3, 2, reaching: 6), 2.0 / 10))
        #expect(agree(smirnovProbability(3, 2, reaching: 4), 6.0 / 10))
        #expect(agree(smirnovProbability(3, 2, reaching: 3), 9.0 / 10))
        #expect(smirnovProbability(3, 2, reaching: 0) == 1)
    }

    @Test func featuresShareTheLevel() throws {
        let a = made(300, 1)
        // The second of three features is 0.5 larger.
        let b = made(240, 2).enumerated().map { $0 % 3 == 1 ? $1 + 0.5 : $1 }
        let tests = try kolmogorovSmirnovTests(rows(a, of: 3), rows(b, of: 3))
        let single = try kolmogorovSmirnovTest(
            column(stride(from: 1, to: 300, by: 3).map { a[$0] }),
            column(stride(from: 1, to: 240, by: 3).map { b[$0] }))
        #expect(tests.features.count == 3 && tests.features[1] == single)
        #expect(tests.pValue == 3 * single.pValue && tests.isSignificant())
        #expect(tests.shiftedFeatures() == [1])
        #expect(tests.shiftedFeatures(at: 2 * single.pValue).isEmpty)
        let same = try kolmogorovSmirnovTests(rows(a, of: 3), rows(a, of: 3))
        #expect(same.pValue == 1 && !same.isSignificant() && same.shiftedFeatures().isEmpty)
    }

    @Test func whatCannotBeTestedIsAnError() async throws {
        #expect(throws: ShiftError.tooFewSamples(count: 0, needed: 1)) {
            try kolmogorovSmirnovTest(column([]), column([1]))
        }
        #expect(throws: ShiftError.notFinite(row: 1, feature: 0)) {
            try kolmogorovSmirnovTest(column([1]), column([1, .nan]))
        }
        #expect(throws: ShiftError.notFinite(row: 1, feature: 2)) {
            try kolmogorovSmirnovTests(rows([0, 1, 2, 3, 4, .infinity], of: 3), rows([0, 1, 2], of: 3))
        }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try kolmogorovSmirnovTests(Tensor.zeros([4, 3]), Tensor.zeros([4, 2]))
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("kolmogorovSmirnovTests: the samples have 3 and 2 features"), "\(text)")
    }
}
