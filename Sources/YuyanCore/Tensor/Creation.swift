import YuyanBackend

// Every function here makes the tensor on `device`, or on `Device.current` if it is nil.

extension Tensor {
    // MARK: From Swift values
    //
    // Elements keep their type unless `dtype` names another; but `Double`, which is what Swift makes of 0.5, becomes
    // float32, as layers have it.

    /// A scalar: of its Swift type, a `Double` as float32, unless `dtype` says otherwise.
    public init<Element: TensorElement>(_ value: Element, dtype: DType? = nil, device: Device? = nil) {
        self.init([value], shape: .scalar, dtype: dtype, device: device)
    }

    /// The elements of `array` in row-major order under `shape`: of their Swift type, `Double` as float32, unless
    /// `dtype` says otherwise. Traps if the counts differ.
    public init<Element: TensorElement>(
        _ array: [Element], shape: Shape, dtype: DType? = nil, device: Device? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        guard array.count == shape.elementCount else {
            failure(
                "tensor: \(array.count) elements do not fill shape \(shape), which has \(shape.elementCount)", file,
                line)
        }
        let backend = (device ?? .current).backend
        let buffer = array.withUnsafeBytes { backend.upload($0, shape, Element.dtype) }
        self = Tensor(buffer).cast(to: dtype ?? (Element.dtype == .float64 ? .float32 : Element.dtype))
    }

    /// A vector `[n]`: of the elements' Swift type, `Double` as float32, unless `dtype` says otherwise.
    public init<Element: TensorElement>(_ array: [Element], dtype: DType? = nil, device: Device? = nil) {
        self.init(array, shape: [array.count], dtype: dtype, device: device)
    }

    /// A matrix of rows of equal length: of the elements' Swift type, `Double` as float32, unless `dtype` says
    /// otherwise. Traps if the lengths differ.
    public init<Element: TensorElement>(
        _ rows: [[Element]], dtype: DType? = nil, device: Device? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) {
        let width = rows.first?.count ?? 0
        for (index, row) in rows.enumerated() where row.count != width {
            failure("tensor: row 0 has \(width) elements, row \(index) has \(row.count)", file, line)
        }
        self.init(Array(rows.joined()), shape: [rows.count, width], dtype: dtype, device: device)
    }

    // MARK: Constants

    /// All elements `value`.
    public static func full(
        _ shape: Shape, _ value: some TensorScalar, dtype: DType = .float32, device: Device? = nil
    ) -> Tensor {
        if dtype == .int64, let exact = value.exactInteger, exact.magnitude > 1 << 53 {
            let backend = (device ?? .current).backend
            return Tensor(backend.copied(Tensor(exact, device: device).broadcast(to: shape).buffer))
        }
        return Tensor((device ?? .current).backend.full(shape, dtype, value.doubleValue))
    }

    /// All elements 0.
    public static func zeros(_ shape: Shape, dtype: DType = .float32, device: Device? = nil) -> Tensor {
        full(shape, 0, dtype: dtype, device: device)
    }

    /// All elements 1.
    public static func ones(_ shape: Shape, dtype: DType = .float32, device: Device? = nil) -> Tensor {
        full(shape, 1, dtype: dtype, device: device)
    }

    /// All elements `value`, with the shape, element type and device of `other`.
    public static func full(like other: some TensorConvertible, _ value: some TensorScalar) -> Tensor {
        let other = other.tensor
        return full(other.shape, value, dtype: other.dtype, device: other.device)
    }

    /// All elements 0, with the shape, element type and device of `other`.
    public static func zeros(like other: some TensorConvertible) -> Tensor { full(like: other, 0) }

    /// All elements 1, with the shape, element type and device of `other`.
    public static func ones(like other: some TensorConvertible) -> Tensor { full(like: other, 1) }

    /// The identity matrix `[n, n]`.
    public static func eye(_ count: Int, dtype: DType = .float32, device: Device? = nil) -> Tensor {
        let index = arange(0, count, device: device)
        return (index.expandingShape(at: 1) .== index).cast(to: dtype)
    }

    /// 0, 1, … count − 1, int64.
    public static func arange(_ count: Int, dtype: DType = .int64, device: Device? = nil) -> Tensor {
        arange(0, count, dtype: dtype, device: device)
    }

    /// start, start + step, … before `end`, int64. Traps if `step` is 0.
    public static func arange(
        _ start: Int, _ end: Int, step: Int = 1, dtype: DType = .int64, device: Device? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        if step == 0 { failure("arange: step must not be 0", file, line) }
        return Tensor(Array(stride(from: start, to: end, by: step)), dtype: dtype, device: device)
    }

    /// start + i · step for i = 0 ..< ⌈(end − start) / step⌉, float32. Traps if `step` is 0.
    public static func arange(
        _ start: Double, _ end: Double, step: Double = 1, dtype: DType = .float32, device: Device? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard step != 0 else { failure("arange: step must not be 0", file, line) }
        let count = Swift.max(Int(((end - start) / step).rounded(.up)), 0)
        return Tensor((0..<count).map { start + Double($0) * step }, dtype: dtype, device: device)
    }

    /// `count` numbers from `start` to `end`, both included, at equal distances.
    public static func linspace(
        _ start: Double, _ end: Double, count: Int, dtype: DType = .float32, device: Device? = nil
    ) -> Tensor {
        let step = count > 1 ? (end - start) / Double(count - 1) : 0
        let values = (0..<count).map { $0 == count - 1 && count > 1 ? end : start + Double($0) * step }
        return Tensor(values, dtype: dtype, device: device)
    }

    // MARK: Random numbers

    /// Numbers drawn evenly from `range`, without its upper bound. Traps unless `dtype` is float32 or float64.
    public static func uniform(
        _ shape: Shape, in range: Range<Double> = 0..<1, dtype: DType = .float32, device: Device? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        checkRandom("uniform", dtype, file, line)
        let context = ExecutionContext.current
        return Tensor(
            (device ?? context.device).backend.random(
                .uniform, shape, dtype, [range.lowerBound, range.upperBound], context.generator.nextKey()))
    }

    /// Numbers from N(mean, standardDeviation²). Traps if the deviation is negative, or unless `dtype` is float32 or
    /// float64.
    public static func normal(
        _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32,
        device: Device? = nil, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        checkRandom("normal", dtype, file, line)
        guard standardDeviation >= 0 else {
            failure("normal: the standard deviation must be 0 or more, not \(standardDeviation)", file, line)
        }
        let context = ExecutionContext.current
        return Tensor(
            (device ?? context.device).backend.random(
                .normal, shape, dtype, [mean, standardDeviation], context.generator.nextKey()))
    }

    /// Numbers from N(meanᵢ, standardDeviationᵢ²), one for each element; the two shapes broadcast.
    public static func normal(mean: Tensor, standardDeviation: Tensor) -> Tensor {
        let center = mean + Tensor.zeros(like: standardDeviation)
        return normal(center.shape, dtype: center.dtype, device: center.device) * standardDeviation + center
    }

    /// True with the given probability. Traps if it is not in 0...1.
    public static func bernoulli(
        _ shape: Shape, probability: Double, device: Device? = nil, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        guard (0...1).contains(probability) else {
            failure("bernoulli: the probability must be in 0...1, not \(probability)", file, line)
        }
        return uniform(shape, dtype: .float64, device: device) .< probability
    }

    @inline(__always)
    private static func checkRandom(_ name: String, _ dtype: DType, _ file: StaticString, _ line: UInt) {
        if dtype == .float32 || dtype == .float64 { return }
        failure(
            "\(name): random numbers are drawn as float32 or float64, not \(dtype)\n  cast(to: .\(dtype)) makes them so",
            file, line)
    }

    /// 0 ..< count in a random order, int64.
    public static func permutation(_ count: Int, device: Device? = nil) -> Tensor {
        let context = ExecutionContext.current
        return Tensor(
            (device ?? context.device).backend.random(
                .permutation, [count], .int64, .zero, context.generator.nextKey()))
    }
}

// MARK: - Literals

extension Tensor: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    /// A scalar, int64.
    public init(integerLiteral value: Int) { self.init(value) }
    /// A scalar, float32.
    public init(floatLiteral value: Double) { self.init(Float(value)) }
    /// A scalar, bool.
    public init(booleanLiteral value: Bool) { self.init(value) }
    /// Tensors of equal shape, stacked along a new first axis; numbers become one element type that holds all.
    public init(arrayLiteral elements: Tensor...) {
        guard let first = elements.first else {
            self = .zeros([0])
            return
        }
        let dtype = elements.dropFirst().reduce(first.dtype) { $0.promoted(with: $1.dtype) }
        self = stack(elements.map { $0.cast(to: dtype) })
    }
}
