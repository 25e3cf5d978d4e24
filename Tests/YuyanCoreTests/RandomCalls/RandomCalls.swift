import YuyanBackend
import YuyanCore

/// Draws calls and compares what two devices make of them.
struct RandomCalls {
    let seed: UInt64
    let tested: Device
    /// The operations that are drawn.
    var table = RandomOperation.all
    /// Computes on the tested device; a test may put a fault in its place.
    var apply: (Call, [Tensor]) -> [Tensor] = { $0.apply($1) }
    /// Is told of each call before it is computed, for those that end the process.
    var willCompute: (String) -> Void = { _ in }
    /// What a user has run, by names of operations, and how often a result before was taken or lay in blocks of channels.
    private(set) var counts: [String: Int] = [:]
    private(set) var chainedCount = 0
    private(set) var blockedCount = 0
    private(set) var gradientCount = 0

    init(seed: UInt64, tested: Device) {
        self.seed = seed
        self.tested = tested
    }

    /// Computes the calls of one number, 1 to 4 of which each may take the result of the one before. Returns how many
    /// there were, and what differs.
    mutating func run(_ number: Int) -> (calls: Int, difference: String?) {
        var draw = Draw(seed: seed, number: number)
        let length = draw.chance(0.5) ? 1 : draw.int(2...4)
        var given: Given?
        for place in 0..<length {
            guard let (operation, call) = drawCall(&draw, given) else { continue }
            let operands = draw.operands
            let title = { [seed] in
                "seed \(seed), number \(number), call \(place + 1): \(RandomCalls.text(call, operands))"
            }
            willCompute(title())
            let (difference, results) = compare(call, operands, &draw)
            counts[operation.name, default: 0] += 1
            if operands.contains(where: \.isGiven) { chainedCount += 1 }
            if let difference { return (place + 1, "\(title())\n\(difference)") }
            given = results.isEmpty ? nil : Given(draw.pick(results))
        }
        return (length, nil)
    }

    private static func text(_ call: Call, _ operands: [Operand]) -> String {
        ([call.text] + operands.enumerated().map { "  \($0): \($1)" }).joined(separator: "\n")
    }

    /// A call that takes the given result, if one is found soon.
    private func drawCall(_ draw: inout Draw, _ given: Given?) -> (RandomOperation, Call)? {
        let total = table.reduce(0) { $0 + $1.weight }
        for attempt in 0..<60 {
            var position = draw.int(0...total - 1)
            let operation = table.first {
                position -= $0.weight
                return position < 0
            }!
            let isHopeless = attempt > 5
            draw.begin(given: isHopeless ? nil : given)
            guard let call = operation.draw(&draw) else { continue }
            if given == nil || isHopeless || draw.given == nil { return (operation, call) }
        }
        return nil
    }

    /// What differs, and the results and gradients as they lie on the tested device.
    private mutating func compare(_ call: Call, _ operands: [Operand], _ draw: inout Draw) -> (String?, [Tensor]) {
        let own = withDevice(tested) { operands.map(\.tensor) }
        let reference = withDevice(.reference) { operands.map(\.tensor) }
        if own.contains(where: { if case .channelBlocks = $0.buffer.layout { true } else { false } }) {
            blockedCount += 1
        }
        let found = withDevice(tested) { apply(call, own) }
        let expected = withDevice(.reference) { call.apply(reference) }
        guard found.count == expected.count else { return ("\(found.count) results instead of \(expected.count)", []) }
        var terms: [Tensor] = []
        if case .terms(let magnitudes) = call.agreement { terms = withDevice(.reference) { magnitudes(reference) } }
        for (place, (x, y)) in zip(found, expected).enumerated() {
            if x.device != tested { return ("result \(place) is on \(x.device)", []) }
            let isExact = if case .exact = call.agreement { true } else { false }
            let tolerance = isExact ? 0 : Tolerance.of(y.dtype).value
            let magnitudes = place < terms.count ? terms[place] : nil
            if let text = difference(x, y, tolerance, magnitudes) { return ("result \(place): \(text)", []) }
        }
        guard draw.wantsGradient, call.isDifferentiable else { return (nil, found) }
        let (difference, gradients) = compareGradients(call, own, reference, expected, &draw)
        return (difference, found + gradients)
    }

    /// The gradients of Σ wᵢ · yᵢ over all results y that have one, for drawn weights w.
    private mutating func compareGradients(
        _ call: Call, _ own: [Tensor], _ reference: [Tensor], _ results: [Tensor], _ draw: inout Draw
    ) -> (String?, [Tensor]) {
        let places = reference.indices.filter { reference[$0].dtype.isFloatingPoint }
        guard let dtype = results.first?.dtype, dtype == .float32 || dtype == .float64, !places.isEmpty else {
            return (nil, [])
        }
        gradientCount += 1
        draw.begin(given: nil)
        draw.operand(Array(results[0].shape), dtype, .finite)
        let weights = draw.operands[0]
        func gradients(_ operands: [Tensor], _ function: ([Tensor]) -> [Tensor], isAbsolute: Bool = false) -> [Tensor] {
            YuyanCore.gradients(
                of: { variables in
                    var x = operands
                    for (place, variable) in zip(places, variables) { x[place] = variable }
                    let result = function(x)[0]
                    let w = weights.tensor
                    return (result * (isAbsolute ? w.abs() : w)).sum()
                }, at: places.map { operands[$0] })
        }
        let found = withDevice(tested) { gradients(own) { apply(call, $0) } }
        let expected = withDevice(.reference) { gradients(reference, call.apply) }
        var terms: [Tensor] = []
        if case .terms(let magnitudes) = call.agreement {
            terms = withDevice(.reference) {
                gradients(reference.map { $0.dtype == .bool ? $0 : $0.abs() }, magnitudes, isAbsolute: true)
            }
        }
        for (index, (x, y)) in zip(found, expected).enumerated() {
            let magnitudes = index < terms.count ? terms[index] : nil
            if let text = difference(x, y, Tolerance.of(y.dtype).gradient, magnitudes) {
                return ("gradient for operand \(places[index]), with weights \(weights): \(text)", [])
            }
        }
        return (nil, found)
    }
}

/// Where `found` is not what is expected; nil if it is, within a tolerance relative to the largest of 1, the magnitude of
/// what is expected, and that of its terms.
func difference(_ found: Tensor, _ expected: Tensor, _ tolerance: Double, _ terms: Tensor?) -> String? {
    guard found.shape == expected.shape, found.dtype == expected.dtype else {
        return "\(found.dtype) \(found.shape) instead of \(expected.dtype) \(expected.shape)"
    }
    let (own, reference) = (found.hostArray, expected.hostArray)
    if own.bytes == reference.bytes { return nil }
    if !expected.dtype.isFloatingPoint {
        let (x, y) = (found.array(of: Int64.self), expected.array(of: Int64.self))
        guard let place = x.indices.first(where: { x[$0] != y[$0] }) else {
            return "the bytes of equal elements differ"
        }
        return "element \(place) is \(x[place]) instead of \(y[place])"
    }
    let (x, y) = (found.array(of: Double.self), expected.array(of: Double.self))
    let magnitudes = terms?.array(of: Double.self)
    for place in x.indices {
        let (x, y) = (x[place], y[place])
        if x == y || (x.isNaN && y.isNaN) { continue }
        let scale = magnitudes.map { $0[place].isFinite ? abs($0[place]) : 0 } ?? 0
        if x.isFinite && y.isFinite && abs(x - y) <= tolerance * max(1, abs(y), scale) { continue }
        return "element \(place) of \(expected.shape) is \(x) instead of \(y)"
    }
    return nil
}
