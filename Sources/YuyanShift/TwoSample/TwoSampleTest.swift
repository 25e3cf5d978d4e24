import YuyanCore

/// What a test makes of the question whether two samples come from one distribution.
public struct TwoSampleTest: Sendable, Hashable {
    /// How different the samples are; each test says what it measures.
    public var statistic: Double
    /// How probable a statistic at least this large is if both samples come from one distribution, 0…1.
    public var pValue: Double

    /// A statistic and its p-value.
    public init(statistic: Double, pValue: Double) {
        self.statistic = statistic
        self.pValue = pValue
    }

    /// Whether the samples differ, with a chance of false alarms of at most `level`: the p-value is not above it.
    public func isSignificant(at level: Double = 0.05) -> Bool { pValue <= level }
}

/// The same test on each feature of two samples.
public struct FeatureTests: Sendable, Hashable {
    /// The test of each feature by itself, in their order.
    public var features: [TwoSampleTest]

    /// Tests in the order of the features.
    public init(features: [TwoSampleTest]) { self.features = features }

    /// The p-value of all features together, min(1, d · the smallest of d p-values): Bonferroni's bound, which holds however
    /// the features depend on each other.
    public var pValue: Double { min(1, Double(features.count) * (features.map(\.pValue).min() ?? 1)) }

    /// Whether any feature differs, with a chance of false alarms of at most `level` in all.
    public func isSignificant(at level: Double = 0.05) -> Bool { pValue <= level }

    /// The features that differ, with a chance of at most `level` that any is named by mistake.
    public func shiftedFeatures(at level: Double = 0.05) -> [Int] {
        features.indices.filter { Double(features.count) * features[$0].pValue <= level }
    }
}
