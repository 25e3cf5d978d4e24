import YuyanBackend
import YuyanCore

/// The numbers that an operand is drawn from.
enum Values {
    /// All that its type holds: infinities, NaN, the largest and the smallest numbers, and zeros of both signs.
    case all
    /// Infinities and NaN among ordinary numbers, whose sums do not overflow.
    case summable
    /// Ordinary numbers up to 4, in many tensors equal ones and zeros.
    case finite
    /// Those of a range.
    case range(ClosedRange<Double>)

    /// Whether the result of another call is such an operand.
    func accept(_ given: Given) -> Bool {
        switch self {
        case .all: true
        case .summable: given.lowest >= -100 && given.highest <= 100
        case .finite: given.isFinite && given.lowest >= -100 && given.highest <= 100
        case .range(let range): given.isFinite && given.lowest >= range.lowerBound && given.highest <= range.upperBound
        }
    }
}

/// The result of a call as an operand of the next one: on the device under test as it lies there, and its elements on the
/// reference device.
struct Given {
    let tested: Tensor
    let reference: Tensor
    /// Bounds of what is finite.
    let lowest, highest: Double
    let isFinite: Bool

    init(_ result: Tensor) {
        tested = result
        reference = withDevice(.reference) { Tensor(result.hostArray) }
        let elements = reference.array(of: Double.self)
        let finite = elements.filter(\.isFinite)
        lowest = finite.min() ?? 0
        highest = finite.max() ?? 0
        isFinite = finite.count == elements.count
    }
}

/// Shape and element type.
struct Form {
    let shape: [Int]
    let dtype: DType

    var rank: Int { shape.count }
    var count: Int { shape.reduce(1, *) }
}

/// Draws one call: all that is random about it depends on a seed and a number.
struct Draw {
    private var random: Generator
    /// The result that the call before has left, until an operand has taken it.
    private(set) var given: Given?
    private(set) var operands: [Operand] = []
    /// Whether gradients will be compared, too: operands are finite then.
    private(set) var wantsGradient = false
    /// Parallel loops begin beyond so many elements.
    private static let parallelCount = 32_768

    init(seed: UInt64, number: Int) {
        random = Generator(seed: seed)
        random.state = Generator.State(seed: seed, draws: UInt64(number) << 32)
    }

    /// Forgets the operands, for another call, of which one may be the result of the last.
    mutating func begin(given: Given?) {
        operands = []
        self.given = given
        wantsGradient = chance(0.25)
    }

    // MARK: Numbers

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func real(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &random) }
    mutating func chance(_ probability: Double) -> Bool { real(0...1) < probability }
    mutating func pick<Element>(_ list: [Element]) -> Element { list[int(0...list.count - 1)] }
    mutating func shuffled<Element>(_ list: some Sequence<Element>) -> [Element] { list.shuffled(using: &random) }

    /// Usually float32, which has loops of its own.
    mutating func dtype(_ types: [DType]) -> DType {
        types.contains(.float32) && chance(0.6) ? .float32 : pick(types)
    }

    // MARK: Shapes

    mutating func size() -> Int {
        switch int(0...99) {
        case ..<3: 0
        case ..<17: 1
        case ..<75: int(2...7)
        case ..<95: pick([8, 9, 15, 16, 17])
        default: pick([31, 32, 33, 64, 65])
        }
    }

    /// Small, seldom so large that loops run on several threads.
    mutating func shape(_ ranks: ClosedRange<Int> = 0...5) -> [Int] {
        if ranks.contains(4), chance(0.12) {
            // An image of so many channels that convolutions have them in blocks.
            return [int(1...2), pick([16, 16, 32, 48]), int(1...7), int(1...7)]
        }
        var sizes = (0..<int(ranks)).map { _ in size() }
        if chance(0.02), !sizes.isEmpty, !sizes.contains(0) { return enlarged(sizes) }
        while sizes.reduce(1, *) > 4096 {
            let axis = sizes.indices.max { sizes[$0] < sizes[$1] }!
            sizes[axis] = sizes[axis] / 2
        }
        return sizes
    }

    private mutating func enlarged(_ sizes: [Int]) -> [Int] {
        var sizes = sizes.map { Swift.min($0, 9) }
        while sizes.reduce(1, *) > Draw.parallelCount { sizes[sizes.indices.max { sizes[$0] < sizes[$1] }!] = 2 }
        let axis = int(0...sizes.count - 1)
        let others = sizes.reduce(1, *) / sizes[axis]
        sizes[axis] = Draw.parallelCount / others + int(1...9)
        return sizes
    }

    /// A shape that broadcasts to `shape`.
    mutating func broadcastable(to shape: [Int]) -> [Int] {
        let kept = chance(0.3) ? Array(shape.dropFirst(int(0...shape.count))) : shape
        return kept.map { chance(0.25) ? 1 : $0 }
    }

    mutating func axis(_ rank: Int) -> Int {
        let axis = int(0...Swift.max(rank - 1, 0))
        return chance(0.3) ? axis - Swift.max(rank, 1) : axis
    }

    // MARK: Operands

    /// The first operand: the result of the call before if that fits, else a new one.
    mutating func first(
        _ types: [DType], _ ranks: ClosedRange<Int> = 0...5, _ values: Values = .all,
        where fits: ([Int]) -> Bool = { _ in true }
    ) -> Form? {
        if let given, types.contains(given.tested.dtype), ranks.contains(given.tested.rank),
            accepted(values).accept(given), given.tested.elementCount <= 100_000, fits(Array(given.tested.shape))
        {
            operands.append(Operand(given))
            self.given = nil
            return Form(shape: Array(given.tested.shape), dtype: given.tested.dtype)
        }
        for _ in 0..<20 {
            let shape = shape(ranks)
            if fits(shape) { return operand(shape, dtype(types), values) }
        }
        return nil
    }

    /// Another operand.
    @discardableResult
    mutating func operand(_ shape: [Int], _ dtype: DType, _ values: Values = .all, isPlain: Bool = false) -> Form {
        let values = accepted(values)
        var base = shape
        var steps: [View] = []
        if !isPlain, shape.count == 4, shape[1] >= 16, chance(0.7), canBeConvolved(shape, dtype) {
            steps = [.convolved(kernelSize: pick([1, 3]))]
        } else if !isPlain, chance(0.5) {
            for _ in 0..<int(1...2) {
                guard let (view, before) = view(of: base, dtype) else { continue }
                steps.insert(view, at: 0)
                base = before
            }
        }
        let throughConvolution = steps.contains { if case .convolved = $0 { true } else { false } }
        let drawn = array(base, dtype, throughConvolution ? bounded(values) : values)
        operands.append(Operand(drawn, steps))
        return Form(shape: shape, dtype: dtype)
    }

    /// An operand that holds these whole numbers.
    mutating func indices(_ numbers: [Int], _ shape: [Int], _ dtype: DType = .int64) {
        let array: HostArray
        switch dtype {
        case .int32: array = HostArray(numbers.map { Int32($0) }, shape: Shape(shape))
        case .uint8: array = HostArray(numbers.map { UInt8($0) }, shape: Shape(shape))
        default: array = HostArray(numbers, shape: Shape(shape))
        }
        operands.append(Operand(array, []))
    }

    private func accepted(_ values: Values) -> Values { wantsGradient ? bounded(values) : values }

    private func bounded(_ values: Values) -> Values {
        switch values {
        case .all, .summable: .finite
        case .finite, .range: values
        }
    }

    // MARK: Views

    /// A view with this shape, and the shape of what it is a view of; nil if the kind that is drawn does not go.
    private mutating func view(of shape: [Int], _ dtype: DType) -> (View, before: [Int])? {
        switch int(0...6) {
        case 0, 1:
            guard shape.count > 1 else { return nil }
            let order = shuffled(shape.indices)
            var before = shape
            for (to, from) in order.enumerated() { before[from] = shape[to] }
            return (.permuted(order), before)
        case 2, 3:
            guard !shape.isEmpty else { return nil }
            var (before, slices): ([Int], [View.Slice]) = ([], [])
            for size in shape {
                let isWhole = chance(0.4)
                let slice = View.Slice(
                    start: isWhole ? 0 : int(0...2), count: size, step: isWhole || size < 2 ? 1 : int(1...3))
                slices.append(slice)
                before.append(slice.end + (isWhole ? 0 : int(0...2)))
            }
            return before.reduce(1, *) > 200_000 ? nil : (.sliced(slices), before)
        case 4: return (.broadcast(shape), broadcastable(to: shape))
        case 5:
            if chance(0.5) { return (.reshaped(shape), [shape.reduce(1, *)]) }
            var before = shape
            before.insert(1, at: int(0...shape.count))
            return before.count > 6 ? nil : (.reshaped(shape), before)
        default:
            return canBeConvolved(shape, dtype) ? (.convolved(kernelSize: pick([1, 3])), shape) : nil
        }
    }

    private func canBeConvolved(_ shape: [Int], _ dtype: DType) -> Bool {
        shape.count == 4 && dtype == .float32 && !shape.contains(0) && shape.reduce(1, *) * shape[1] < 100_000
    }
}
