import Foundation
import YuyanCore

/// One axis of a figure.
public struct Axis: Sendable, Hashable {
    /// How numbers become places.
    public enum Scale: Sendable, Hashable {
        /// Equal distances for equal differences.
        case linear
        /// Powers of ten at equal distances. What is not above 0 is left out.
        case logarithmic

        /// Beyond this ratio of the greatest value to the least, small ones lie on the floor of a linear axis.
        package static let largestLinearRatio = 50.0

        /// The scale on which all of `values` can be told apart: `.logarithmic` if they are above 0 and the greatest is
        /// more than 50 times the least; those that are not finite do not count.
        public init(fitting values: some Sequence<Double>) {
            var bounds: (low: Double, high: Double)?
            for value in values where value.isDrawable {
                bounds = (min(bounds?.low ?? value, value), max(bounds?.high ?? value, value))
            }
            guard let (low, high) = bounds, low > 0 else { self = .linear; return }
            self = high > Scale.largestLinearRatio * low ? .logarithmic : .linear
        }
    }

    /// What stands beside it; empty for nothing.
    public var label: String
    /// How numbers become places.
    public var scale: Scale
    /// What is shown; nil shows all that there is.
    public var range: ClosedRange<Double>?

    /// Traps unless `range` is finite and holds more than a point, above 0 for a logarithmic axis.
    public init(_ label: String = "", scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
        if let range {
            let isUsable = range.lowerBound < range.upperBound && (range.upperBound - range.lowerBound).isFinite
            guard isUsable, scale == .linear || range.lowerBound > 0 else {
                failure("Axis \"\(label)\": cannot show the range \(range)")
            }
        }
        self.label = label
        self.scale = scale
        self.range = range
    }

    /// Whether a value has a place on the axis.
    func shows(_ value: Double) -> Bool { value.isDrawable && (scale == .linear || value > 0) }

    /// The position of a value, in which equal steps are equal distances.
    func position(_ value: Double) -> Double {
        switch scale {
        case .linear: value
        case .logarithmic: log10(value)
        }
    }

    /// The range to show for `values`: wider than a point; nil if none of them has a place.
    func extent(of values: some Sequence<Double>) -> ClosedRange<Double>? {
        if let range { return range }
        var bounds: (low: Double, high: Double)?
        for value in values where shows(value) {
            bounds = (min(bounds?.low ?? value, value), max(bounds?.high ?? value, value))
        }
        guard let (low, high) = bounds else { return nil }
        // Too close together to be told apart in a picture.
        let isPoint = high - low <= 1e-12 * max(abs(low), abs(high))
        guard isPoint else { return low...high }
        if scale == .logarithmic { return (low / 2)...(high * 2) }
        return low == 0 ? -1...1 : (low - abs(low) / 2)...(high + abs(high) / 2)
    }
}

extension Double {
    /// Whether it has a place in a picture: programs that draw lose count near the ends of the range of numbers.
    var isDrawable: Bool { abs(self) < 1e300 }
}
