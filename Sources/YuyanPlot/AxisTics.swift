import Foundation

/// The range that an axis shows, and what is written on it.
struct AxisTics {
    typealias Tic = (text: String, place: Double)

    var range: ClosedRange<Double>
    var major: [Tic]
    /// Places without a text.
    var minor: [Double] = []

    /// About this many parts between the numbers of an axis.
    private static let partCount = 6.0

    /// Round numbers on an axis from `extent.lowerBound` to its upper bound.
    ///
    /// - Parameters:
    ///   - endsRound: whether the axis is lengthened to the next round number at both ends.
    ///   - isWhole: whether there is nothing between whole numbers, such as epochs.
    init(_ axis: Axis, _ extent: ClosedRange<Double>, endsRound: Bool, isWhole: Bool = false) {
        let (low, high) = (extent.lowerBound, extent.upperBound)
        // Within so little, a logarithmic axis is nearly a linear one.
        if axis.scale == .linear || high / low < 3 {
            self.init(linear: low, high, endsRound, isWhole)
        } else {
            self.init(logarithmic: low, high, endsRound)
        }
    }

    private init(linear low: Double, _ high: Double, _ endsRound: Bool, _ isWhole: Bool) {
        let exact = (high - low) / AxisTics.partCount
        let power = pow(10, log10(exact).rounded(.down))
        var step = power * ([1, 2, 5].first { $0 * power >= exact * (1 - 1e-9) } ?? 10)
        if isWhole { step = max(step, 1) }
        // Numbers of steps; what is as good as a whole number of them is one.
        let slack = endsRound ? 1e-9 : -1e-9
        let first = (low / step + slack).rounded(endsRound ? .down : .up)
        let last = (high / step - slack).rounded(endsRound ? .up : .down)
        range = endsRound ? (first * step)...(last * step) : low...high
        major = AxisTics.named(first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : [], step)
    }

    private init(logarithmic low: Double, _ high: Double, _ endsRound: Bool) {
        let powers = Int(log10(low).rounded(.down)) - 1...Int(log10(high).rounded(.up))
        let round = powers.flatMap { power in [1, 2, 5].map { Double($0) * pow(10, Double(power)) } }
        if endsRound {
            // Curves do not lie on the axis itself.
            let bottom = round.last { $0 <= low * max(pow(low / high, 0.02), 0.5) && $0 > 0 } ?? low
            let top = round.first { $0 >= high * (1 - 1e-9) } ?? high
            range = bottom...(top.isDrawable ? top : high)
        } else {
            range = low...high
        }
        let shown = range
        let span = log10(shown.upperBound) - log10(shown.lowerBound)
        if span < 2.2 {
            major = round.filter(shown.contains).map { (String(format: "%.6g", $0), $0) }
            return
        }
        let step = Int((span / AxisTics.partCount).rounded(.up))
        let tens = powers.filter { $0.isMultiple(of: step) }.map { pow(10, Double($0)) }
        major = tens.filter(shown.contains).map { (String(format: "%.6g", $0), $0) }
        if span <= 5 {
            minor = powers.flatMap { power in (2...9).map { Double($0) * pow(10, Double(power)) } }
                .filter(shown.contains)
        }
    }

    /// Numbers with as many digits as tell them apart.
    private static func named(_ places: [Double], _ step: Double) -> [Tic] {
        let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
        let most = places.map(abs).max() ?? 0
        func texts(_ format: String, _ digits: Int) -> [String] {
            places.map { String(format: format, digits, abs($0) < step / 2 ? 0 : $0) }
        }
        if decimals <= 4, most < 1e6 { return Array(zip(texts("%.*f", decimals), places)) }
        let short = (3...17).lazy.map { texts("%.*g", $0) }.first { Set($0).count == places.count }
        return Array(zip(short ?? texts("%.*g", 17), places))
    }
}
