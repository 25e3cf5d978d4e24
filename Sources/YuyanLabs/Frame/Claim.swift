import Foundation
import Yuyan

/// Something that a lab says is so, and what is measured to see whether it is.
public struct Claim: Sendable {
    /// What a measured value is held against.
    public enum Expectation: Codable, Hashable, Sendable {
        /// `value`, give or take `margin`.
        case near(Double, margin: Double)
        /// From `low` to `high`, both included.
        case between(Double, Double)
        /// Below a limit.
        case below(Double)
        /// Above a limit.
        case above(Double)
        /// That something is so; measured is 1 for yes and 0 for no.
        case yes

        /// What follows from a definition: to six digits from 1 on, with small values to 1e-4 of themselves, and 0 to 1e-6.
        public static func exactly(_ value: Double) -> Expectation {
            let size = abs(value)
            return .near(value, margin: size == 0 ? 1e-6 : size < 1 ? 1e-4 * size : max(1e-4, 1e-6 * size))
        }

        /// A count: that many, no more and no less.
        public static func count(_ value: Int) -> Expectation { .near(Double(value), margin: 0) }

        /// A range such as `0.02...0.03`.
        public static func within(_ range: ClosedRange<Double>) -> Expectation {
            .between(range.lowerBound, range.upperBound)
        }

        /// Whether a measured value is as expected. NaN never is.
        public func holds(for value: Double) -> Bool {
            switch self {
            case .near(let expected, let margin): abs(value - expected) <= margin
            case .between(let low, let high): low <= value && value <= high
            case .below(let limit): value < limit
            case .above(let limit): value > limit
            case .yes: value == 1
            }
        }

        /// As people read it: `0.25 ± 2.5e-05`, `61706`, `0.02 to 0.03`, `< 0.003`.
        public var text: Words {
            switch self {
            case .near(let value, 0): "\(Expectation.number(value, digits: 8))"
            case .near(let value, let margin): "\(Expectation.number(value, digits: 8)) ± \(margin, digits: 2)"
            case .between(let low, let high):
                Words("\(low, digits: 8) to \(high, digits: 8)", "\(low, digits: 8) 到 \(high, digits: 8)")
            case .below(let limit): "< \(limit, digits: 8)"
            case .above(let limit): "> \(limit, digits: 8)"
            case .yes: Words("yes", "是")
            }
        }

        /// A measured value as it stands beside the expected one.
        public func text(of value: Double) -> Words {
            guard self == .yes else { return "\(Expectation.number(value, digits: 6))" }
            return value == 1 ? Words("yes", "是") : Words("no", "否")
        }

        /// Whole numbers with all their digits, others with that many.
        private static func number(_ value: Double, digits: Int) -> String {
            if value == value.rounded(), abs(value) < 1e12 { return "\(Int(value))" }
            return "\(value, digits: digits)"
        }
    }

    /// The name under which the lab measures it.
    public let name: String
    /// What is claimed, in a sentence or less.
    public let words: Words
    /// What it must be.
    public let expectation: Expectation
    /// Whether it takes the full number of samples, epochs or seeds: `--quick` leaves it unchecked.
    public let needsFullSize: Bool
    /// Whether it is about time, which differs from run to run: the tests leave it out.
    public let isTimed: Bool

    /// A claim of that name, said in English and in Chinese.
    public init(
        _ name: String, _ english: String, _ chinese: String, _ expectation: Expectation, needsFullSize: Bool = false,
        isTimed: Bool = false
    ) {
        self.name = name
        words = Words(english, chinese)
        self.expectation = expectation
        self.needsFullSize = needsFullSize
        self.isTimed = isTimed
    }
}

/// A claim and what a run found.
public struct Check: Codable, Hashable, Sendable {
    /// What became of a claim.
    public enum Verdict: String, Codable, Sendable {
        /// It holds.
        case passed = "PASS"
        /// It does not, or was not measured.
        case failed = "FAIL"
        /// A quick run left it out.
        case notChecked = "not checked"
    }

    /// What is claimed.
    public let words: Words
    /// What it must be.
    public let expectation: Claim.Expectation
    /// nil if it was not measured.
    public let measured: Double?
    /// Whether it is.
    public let verdict: Verdict
}
