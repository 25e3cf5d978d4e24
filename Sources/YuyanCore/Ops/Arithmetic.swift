import Foundation
import YuyanBackend

extension OperationFamily {
    package static let arithmetic = OperationFamily(
        "Arithmetic",
        [
            Op.Add.entry, Op.Subtract.entry, Op.Multiply.entry, Op.Divide.entry, Op.Power.entry, Op.Maximum.entry,
            Op.Minimum.entry, Op.ScalarArithmetic.entry, Op.Cast.entry, Op.Move.entry,
        ])
}

/// A binary operation on elements whose shapes broadcast: aligned at the last axis, sizes agree or one is 1.
package protocol ElementwiseBinary: BinaryRule where Options == Void {
    static var operation: BinaryOperation { get }
}

extension ElementwiseBinary {
    package static func outputShape(_ a: Shape, _ b: Shape, _ options: Void) throws(ShapeError) -> Shape {
        try broadcastShape(name, a, b)
    }
    package static func forward(_ a: DeviceBuffer, _ b: DeviceBuffer, _ shape: Shape, _ options: Void) -> DeviceBuffer {
        a.device.backend.binary(operation, a, b)
    }
}

@inline(__always)
package func broadcastShape(_ name: String, _ a: Shape, _ b: Shape) throws(ShapeError) -> Shape {
    if a == b { return a }
    guard let shape = a.broadcast(with: b) else { throw broadcastError(name, a, b) }
    return shape
}

private func broadcastError(_ name: String, _ a: Shape, _ b: Shape) -> ShapeError {
    // The axis nearest the last that disagrees, counted from the end.
    var fromEnd = 1
    while fromEnd < 8 {
        let (left, right) = (a.lanes[8 - fromEnd], b.lanes[8 - fromEnd])
        if left != right && left != 1 && right != 1 { break }
        fromEnd += 1
    }
    return ShapeError(
        name, "shapes must broadcast: aligned at the last axis, sizes agree or one of them is 1",
        [
            .init("left", a, note: "axis \(a.rank - fromEnd) has \(a.lanes[8 - fromEnd])"),
            .init("right", b, note: "axis \(b.rank - fromEnd) has \(b.lanes[8 - fromEnd])"),
        ])
}

// MARK: - Two tensors

extension Op {
    package enum Add: ElementwiseBinary {
        package static let name = "add"
        package static let operation = BinaryOperation.add
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g }

        package static let entry = OperationEntry(
            name, "y = a + b",
            swift: [
                "+ (left: Self, right: some TensorConvertible) -> Tensor",
                "+= (left: inout Tensor, right: some TensorConvertible)",
            ],
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "a + b") { $0[0] + $0[1] },
                Sample([.real([2, 1, 4]), .real([3, 1])], torch: "a + b") { $0[0] + $0[1] },
                Sample([.real([]), .real([5])], torch: "a + b") { $0[0] + $0[1] },
                Sample([.real([0, 3]), .real([3])], torch: "a + b") { $0[0] + $0[1] },
                Sample([.real([4, 3]), .real([3, 4])], torch: "a + b.T") { $0[0] + $0[1].transposed() },
            ])
    }
}

extension Op {
    package enum Subtract: ElementwiseBinary {
        package static let name = "subtract"
        package static let operation = BinaryOperation.subtract
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { -g }

        package static let entry = OperationEntry(
            name, "y = a − b",
            swift: [
                "- (left: Self, right: some TensorConvertible) -> Tensor",
                "-= (left: inout Tensor, right: some TensorConvertible)",
            ],
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "a - b") { $0[0] - $0[1] },
                Sample([.real([3, 1]), .real([2, 1, 4])], torch: "a - b") { $0[0] - $0[1] },
            ])
    }
}

extension Op {
    package enum Multiply: ElementwiseBinary {
        package static let name = "multiply"
        package static let operation = BinaryOperation.multiply
        package static func keeps(_ options: Void) -> Kept { [.first, .second] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.second }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g * saved.first }

        package static let entry = OperationEntry(
            name, "y = a · b",
            swift: [
                "* (left: Self, right: some TensorConvertible) -> Tensor",
                "*= (left: inout Tensor, right: some TensorConvertible)",
            ],
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "a * b") { $0[0] * $0[1] },
                Sample([.real([2, 3, 1]), .real([1, 5])], torch: "a * b") { $0[0] * $0[1] },
            ])
    }
}

extension Op {
    package enum Divide: ElementwiseBinary {
        package static let name = "divide"
        package static let operation = BinaryOperation.divide
        package static func keeps(_ options: Void) -> Kept { [.second, .output] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor { g / saved.second }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            -g * saved.output / saved.second
        }

        package static let entry = OperationEntry(
            name, "y = a / b; integers become float32",
            swift: [
                "/ (left: Self, right: some TensorConvertible) -> Tensor",
                "/= (left: inout Tensor, right: some TensorConvertible)",
            ],
            [
                Sample([.real([3, 4]), .real([3, 4], 0.5...2)], torch: "a / b") { $0[0] / $0[1] },
                Sample([.real([3, 1]), .real([2, 1, 4], -2 ... -0.5)], torch: "a / b") { $0[0] / $0[1] },
                Sample([.integer([4], 1..<9), .integer([4], 1..<9)], torch: "(a / b).to(c)") { $0[0] / $0[1] },
            ])
    }
}

extension Op {
    package enum Power: ElementwiseBinary {
        package static let name = "power"
        package static let operation = BinaryOperation.power
        package static func keeps(_ options: Void) -> Kept { [.first, .second, .output] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            let (a, b) = (saved.first, saved.second)
            // a⁰ is 1 for every a, also where a⁻¹ is infinite or NaN.
            let isFlat = (b.detached() .== 0) .& !(a.detached().abs() .> 0)
            let (zero, one) = constants(like: a)
            return select(isFlat, zero, g * b * select(isFlat, one, a).pow(b - 1))
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            // 0ᵇ stays 0, also where ln 0 is infinite.
            let isFlat = (saved.first.detached() .== 0) .& (saved.second.detached() .>= 0)
            let (zero, one) = constants(like: saved.first)
            return select(isFlat, zero, g * saved.output * select(isFlat, one, saved.first).log())
        }

        private static func constants(like x: Tensor) -> (zero: Tensor, one: Tensor) {
            (.zeros(.scalar, dtype: x.dtype, device: x.device), .ones(.scalar, dtype: x.dtype, device: x.device))
        }

        package static let entry = OperationEntry(
            name, "y = aᵇ; for a = 0 the gradient of b ≥ 0 is 0",
            swift: ["x.pow(_ exponent: some TensorConvertible) -> Tensor"],
            [
                Sample([.real([3, 4], 0.5...2), .real([3, 4])], torch: "a ** b") { $0[0].pow($0[1]) },
                Sample([.real([3, 1], 0.5...2), .real([4])], torch: "a ** b") { $0[0].pow($0[1]) },
            ])
    }
}

extension Op {
    package enum Maximum: ElementwiseBinary {
        package static let name = "maximum"
        package static let operation = BinaryOperation.maximum
        package static func keeps(_ options: Void) -> Kept { [.first, .second] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * share(saved.first .> saved.second, saved)
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * share(saved.second .> saved.first, saved)
        }

        /// 1 where an operand wins, ½ where both are equal.
        fileprivate static func share(_ wins: Tensor, _ saved: Saved) -> Tensor {
            let dtype = saved.first.dtype
            return wins.cast(to: dtype) + (saved.first .== saved.second).cast(to: dtype) * 0.5
        }

        package static let entry = OperationEntry(
            name, "y = max(a, b); NaN if either is; equal operands share the gradient",
            swift: ["maximum(_ a: some TensorConvertible, _ b: some TensorConvertible) -> Tensor"],
            [
                Sample([.real([3, 4]), .real([3, 4])], torch: "torch.maximum(a, b)") { maximum($0[0], $0[1]) },
                Sample([.real([3, 1]), .real([4])], torch: "torch.maximum(a, b)") { maximum($0[0], $0[1]) },
            ])
    }
}

extension Op {
    package enum Minimum: ElementwiseBinary {
        package static let name = "minimum"
        package static let operation = BinaryOperation.minimum
        package static func keeps(_ options: Void) -> Kept { [.first, .second] }
        package static func firstGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * Op.Maximum.share(saved.first .< saved.second, saved)
        }
        package static func secondGradient(_ g: Tensor, _ saved: Saved, _ options: Void) -> Tensor {
            g * Op.Maximum.share(saved.second .< saved.first, saved)
        }

        package static let entry = OperationEntry(
            name, "y = min(a, b); NaN if either is; equal operands share the gradient",
            swift: ["minimum(_ a: some TensorConvertible, _ b: some TensorConvertible) -> Tensor"],
            [Sample([.real([3, 4]), .real([3, 4])], torch: "torch.minimum(a, b)") { minimum($0[0], $0[1]) }])
    }
}

// MARK: - A tensor and a number

extension Op {
    /// `x ∘ s` or `s ∘ x` for a Swift number s, which has no gradient.
    package enum ScalarArithmetic: UnaryRule {
        package struct Options {
            var operation: BinaryOperation
            var scalar: Double
            var scalarIsLeft: Bool
        }

        package static let name = "scalar arithmetic"

        package static func keeps(_ options: Options) -> Kept {
            switch options.operation {
            case .divide: options.scalarIsLeft ? [.first, .output] : []
            case .power: !options.scalarIsLeft ? .first : options.scalar == 0 ? [.first, .output] : .output
            case .maximum, .minimum: .first
            default: []
            }
        }

        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { x }

        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            x.device.backend.binary(
                options.operation, x, scalar: options.scalar, scalarIsLeft: options.scalarIsLeft)
        }

        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            let s = options.scalar
            switch (options.operation, options.scalarIsLeft) {
            case (.add, _), (.subtract, false): return g
            case (.subtract, true): return -g
            case (.multiply, _): return g * s
            case (.divide, false): return g / s
            case (.divide, true): return -g * saved.output / saved.first
            case (.power, false): return s == 0 ? .zeros(like: g) : g * (saved.first.pow(s - 1) * s)
            case (.power, true) where s == 0:
                // 0ˣ stays 0 for x ≥ 0.
                return g * select(saved.first.detached() .>= 0, Tensor.zeros(like: g), saved.output * -Double.infinity)
            case (.power, true): return g * (saved.output * log(s))
            // As for a clamp, the bound itself passes the gradient.
            case (.maximum, _): return g * (saved.first .>= s).cast(to: g.dtype)
            case (.minimum, _): return g * (saved.first .<= s).cast(to: g.dtype)
            default: failure("\(options.operation) takes no number")
            }
        }

        package static let entry = OperationEntry(
            name, "y = x ∘ s or s ∘ x for +, −, ·, /, power, max, min and a number s",
            swift: [
                "+ (left: Self, right: some TensorScalar) -> Tensor",
                "- (left: Self, right: some TensorScalar) -> Tensor",
                "* (left: Self, right: some TensorScalar) -> Tensor",
                "/ (left: Self, right: some TensorScalar) -> Tensor",
                "+ (left: some TensorScalar, right: Self) -> Tensor",
                "- (left: some TensorScalar, right: Self) -> Tensor",
                "* (left: some TensorScalar, right: Self) -> Tensor",
                "/ (left: some TensorScalar, right: Self) -> Tensor", "x.pow(_ exponent: some TensorScalar) -> Tensor",
                "x.clamped(to range: ClosedRange<Double>) -> Tensor",
                "maximum(_ x: some TensorConvertible, _ bound: some TensorScalar) -> Tensor",
                "minimum(_ x: some TensorConvertible, _ bound: some TensorScalar) -> Tensor",
                "+= (left: inout Tensor, right: some TensorScalar)",
                "-= (left: inout Tensor, right: some TensorScalar)",
                "*= (left: inout Tensor, right: some TensorScalar)",
                "/= (left: inout Tensor, right: some TensorScalar)",
            ],
            [
                Sample([.real([3, 4])], torch: "2.5 - (a + 1.5) * 3") { 2.5 - ($0[0] + 1.5) * 3 },
                Sample([.real([3, 4])], torch: "(a - 1) / 3") { ($0[0] - 1) / 3 },
                Sample([.real([3, 4], 0.5...2)], torch: "3 / a") { 3 / $0[0] },
                Sample([.real([5], 0.5...2)], torch: "a ** 2.5") { $0[0].pow(2.5) },
                Sample([.real([5])], torch: "a ** 3") { $0[0].pow(3) },
                Sample([.real([5])], torch: "a ** 0") { $0[0].pow(0) },
                Sample([.real([5])], torch: "2.0 ** a") {
                    Op.ScalarArithmetic.call(.power, $0[0], 2.0, scalarIsLeft: true)
                },
                Sample([.real([4, 5])], torch: "a.clamp(-0.5, 1)") { $0[0].clamped(to: -0.5...1) },
                Sample([.integer([4], -9..<9)], torch: "a * 3 - 1") { $0[0] * 3 - 1 },
                Sample([.integer([4], -9..<9)], torch: "(a * 0.5).to(c)") { $0[0] * 0.5 },
            ])

        package static func call<Scalar: TensorScalar>(
            _ operation: BinaryOperation, _ x: some TensorConvertible, _ scalar: Scalar, scalarIsLeft: Bool = false,
            file: StaticString = #fileID, line: UInt = #line
        ) -> Tensor {
            var x = x.tensor
            if !x.dtype.isFloatingPoint {
                if Scalar.isFloatingPoint || operation == .divide {
                    x = x.cast(to: .float32)
                } else {
                    x = x.computable()
                    if operation == .power { checkPower(x, scalar.doubleValue, scalarIsLeft, file, line) }
                    if let exact = scalar.exactInteger, !x.dtype.holdsAsDouble(exact) {
                        return Tensor(integers(operation, x, exact, scalarIsLeft))
                    }
                }
            }
            let options = Options(operation: operation, scalar: scalar.doubleValue, scalarIsLeft: scalarIsLeft)
            return apply(Op.ScalarArithmetic.self, x, options)
        }

        /// With a number that `Double` or the element type does not hold: it wraps around, as results do; but the bound of
        /// a maximum or minimum is the nearest number that the type holds.
        @inline(never)
        private static func integers(
            _ operation: BinaryOperation, _ x: Tensor, _ scalar: Int, _ scalarIsLeft: Bool
        ) -> DeviceBuffer {
            let isBound = operation == .maximum || operation == .minimum
            let number = Tensor(isBound ? x.dtype.nearest(to: scalar) : scalar, device: x.device).cast(to: x.dtype)
            let (a, b) = scalarIsLeft ? (number, x) : (x, number)
            return x.backend.binary(operation, a.buffer, b.buffer)
        }

        @inline(never)
        private static func checkPower(
            _ x: Tensor, _ scalar: Double, _ scalarIsLeft: Bool, _ file: StaticString, _ line: UInt
        ) {
            if scalarIsLeft ? (x .< 0).any() : scalar < 0 { Op.Power.refuseNegative(file, line) }
        }
    }
}

extension Op.Power {
    /// Traps at integers to a negative power: 2⁻¹ is no integer.
    @inline(never)
    static func checkExponents(_ a: Tensor, _ b: Tensor, _ file: StaticString, _ line: UInt) {
        if !a.dtype.isFloatingPoint, !b.dtype.isFloatingPoint, (b .< 0).any() { refuseNegative(file, line) }
    }

    fileprivate static func refuseNegative(_ file: StaticString, _ line: UInt) -> Never {
        failure(
            "pow: an integer to a negative power is no integer\n  cast(to: .float32) gives the fraction", file, line)
    }
}

extension DType {
    /// Whether an integer is the same number as `Double`, and as this type of integers.
    fileprivate func holdsAsDouble(_ value: Int) -> Bool {
        value.magnitude <= 1 << 53 && nearest(to: value) == value
    }

    /// The nearest number that a type of integers holds.
    fileprivate func nearest(to value: Int) -> Int {
        switch self {
        case .int32: min(max(value, Int(Int32.min)), Int(Int32.max))
        case .uint8: min(max(value, 0), 255)
        default: value
        }
    }
}

// MARK: - Element types and devices

extension Op {
    package enum Cast: UnaryRule {
        package struct Options {
            var from: DType
            var to: DType
        }

        package static let name = "cast"
        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            x.device.backend.cast(x, to: options.to)
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            g.cast(to: options.from)
        }

        package static let entry = OperationEntry(
            name, "the nearest value of another element type; toward zero for integers",
            swift: ["x.cast(to dtype: DType) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.to(torch.float64).to(c)") {
                    $0[0].cast(to: .float64).cast(to: $0[0].dtype)
                },
                Sample([.real([3, 4], -3...3)], torch: "a.long()", checksGradient: false) { $0[0].cast(to: .int64) },
            ])
    }
}

extension Op {
    package enum Move: UnaryRule {
        package struct Options {
            var from: Device
            var to: Device
        }

        package static let name = "to"
        package static func outputShape(_ x: Shape, _ options: Options) -> Shape { x }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            let bytes = [UInt8](unsafeUninitializedCapacity: x.elementCount * x.dtype.byteCount) { bytes, count in
                x.device.backend.download(x, into: UnsafeMutableRawBufferPointer(bytes))
                count = bytes.count
            }
            return bytes.withUnsafeBytes { options.to.backend.upload($0, x.shape, x.dtype) }
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ options: Options) -> Tensor { g.to(options.from) }

        package static let entry = OperationEntry(
            name, "the same elements on another device",
            swift: ["x.to(_ device: Device) -> Tensor"],
            [Sample([.real([3, 4])], torch: "a * 1") { $0[0].to(.reference).to($0[0].device) }])
    }
}

extension TensorConvertible {
    /// The elements as another type: the nearest value, toward zero for integers, true for what is not zero.
    public func cast(to dtype: DType) -> Tensor {
        let x = tensor
        if x.dtype == dtype { return x }
        return apply(Op.Cast.self, x, .init(from: x.dtype, to: dtype))
    }

    /// The tensor on another device.
    public func to(_ device: Device) -> Tensor {
        let x = tensor
        if x.device == device { return x }
        return apply(Op.Move.self, x, .init(from: x.device, to: device))
    }
}
