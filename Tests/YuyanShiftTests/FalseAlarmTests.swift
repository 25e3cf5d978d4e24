import Testing
import YuyanCore
import YuyanShift

/// A small `ShiftStudy`: how often the tests see a shift where there is none.
@Suite struct FalseAlarmTests {
    static let draws = 200

    /// The share of draws with a p-value of 5 % or less.
    private func alarms(_ seed: UInt64, _ pValue: () throws -> Double) rethrows -> Double {
        try withSeed(seed) { Double(try (0..<Self.draws).count { _ in try pValue() <= 0.05 }) / Double(Self.draws) }
    }

    /// Three standard errors of a share of 5 %.
    private let margin = 3 * (0.05 * 0.95 / Double(draws)).squareRoot()

    @Test func exactTestsKeepTheLevel() throws {
        let discrepancy = try alarms(0) {
            try maximumMeanDiscrepancyTest(Tensor.normal([15, 2]), Tensor.normal([12, 2]), permutations: 39).pValue
        }
        #expect(abs(discrepancy - 0.05) <= margin, "\(discrepancy)")
        func labels(_ count: Int) -> Tensor { (Tensor.uniform([count]) * 3).cast(to: .int64) }
        let chiSquared = try alarms(0) { try chiSquaredTest(labels(90), labels(60)).pValue }
        #expect(abs(chiSquared - 0.05) <= margin, "\(chiSquared)")
    }

    @Test func boundsAreNotExceeded() throws {
        let smirnov = try alarms(0) { try kolmogorovSmirnovTest(Tensor.normal([40]), Tensor.normal([30])).pValue }
        #expect(smirnov > 0 && smirnov <= 0.05 + margin, "\(smirnov)")
        let features = try alarms(0) {
            try kolmogorovSmirnovTests(Tensor.normal([30, 3]), Tensor.normal([30, 3])).pValue
        }
        #expect(features > 0 && features <= 0.05 + margin, "\(features)")
        let classifier = try alarms(0) {
            try domainClassifierTest(Tensor.normal([30, 2]), Tensor.normal([24, 2]), terms: .linear).pValue
        }
        #expect(classifier > 0 && classifier <= 0.05 + margin, "\(classifier)")
    }
}
