import Glibc

// MARK: Unary

extension ReferenceBackend {
    package func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer {
        switch x.dtype {
        case .float32: unaryReal(operation, x, as: Float.self)
        case .float64: unaryReal(operation, x, as: Double.self)
        case .bfloat16: widened.unary(operation, x)
        case .int32: unaryNumber(operation, x, as: Int32.self)
        case .int64: unaryNumber(operation, x, as: Int64.self)
        case .uint8: unaryNumber(operation, x, as: UInt8.self)
        case .bool where operation.kind == .logicalNot: map(x, as: Bool.self) { !$0 }
        default: unsupported("\(operation)", x.dtype)
        }
    }

    package func unaryGradient(
        _ operation: UnaryOperation, _ gradient: DeviceBuffer, x: DeviceBuffer?, y: DeviceBuffer?
    )
        -> DeviceBuffer
    {
        switch gradient.dtype {
        case .float32: gradientReal(operation, gradient, x, y, as: Float.self)
        case .float64: gradientReal(operation, gradient, x, y, as: Double.self)
        case .bfloat16: widened.unaryGradient(operation, gradient, x: x, y: y)
        default: unsupported("\(operation)'s gradient", gradient.dtype)
        }
    }

    private func unaryNumber<T: ReferenceNumber>(_ operation: UnaryOperation, _ x: DeviceBuffer, as type: T.Type)
        -> DeviceBuffer
    {
        switch operation.kind {
        case .negate: map(x, as: type) { T.subtract(T.zero, $0) }
        case .absolute: map(x, as: type) { $0 < T.zero ? T.subtract(T.zero, $0) : $0 }
        case .sign: map(x, as: type) { T.sign($0) }
        case .square: map(x, as: type) { T.multiply($0, $0) }
        default: unsupported("\(operation)", x.dtype)
        }
    }

    private func unaryReal<T: ReferenceReal>(_ operation: UnaryOperation, _ x: DeviceBuffer, as type: T.Type)
        -> DeviceBuffer
    {
        let slope = T(converting: operation.slope)
        let beta = T(converting: operation.beta).wide
        return switch operation.kind {
        case .negate: map(x, as: type) { -$0 }
        case .absolute: map(x, as: type) { $0.magnitude }
        case .reciprocal: map(x, as: type) { 1 / $0 }
        case .exp: map(x, as: type) { T(converting: exp($0.wide)) }
        case .log: map(x, as: type) { T(converting: log($0.wide)) }
        case .squareRoot: map(x, as: type) { $0.squareRoot() }
        case .sine: map(x, as: type) { T(converting: sin($0.wide)) }
        case .cosine: map(x, as: type) { T(converting: cos($0.wide)) }
        case .tanh: map(x, as: type) { T(converting: tanh($0.wide)) }
        case .sigmoid: map(x, as: type) { T(converting: logistic($0.wide)) }
        case .relu: map(x, as: type) { $0 <= 0 ? 0 : $0 }  // NaN stays
        case .leakyReLU: map(x, as: type) { $0 > 0 ? $0 : slope * $0 }
        case .floor: map(x, as: type) { $0.rounded(.down) }
        case .erf: map(x, as: type) { T(converting: erf($0.wide)) }
        case .gelu: map(x, as: type) { T(converting: gelu($0.wide).value) }
        case .geluTanh: map(x, as: type) { T(converting: geluTanh($0.wide).value) }
        case .silu: map(x, as: type) { T(converting: silu($0.wide).value) }
        case .softplus: map(x, as: type) { T(converting: softplus($0.wide, beta).value) }
        default: unaryNumber(operation, x, as: type)
        }
    }

    private func gradientReal<T: ReferenceReal>(
        _ operation: UnaryOperation, _ gradient: DeviceBuffer, _ x: DeviceBuffer?, _ y: DeviceBuffer?, as type: T.Type
    ) -> DeviceBuffer {
        let saved = operation.gradientReads == .input ? x! : y!
        let slope = T(converting: operation.slope)
        let beta = T(converting: operation.beta).wide
        func each(_ formula: (T, T) -> T) -> DeviceBuffer {
            zip(gradient, saved, as: type, to: gradient.dtype, formula)
        }
        return switch operation.kind {
        case .relu: each { g, y in y > 0 ? g : 0 }
        case .leakyReLU: each { g, y in y > 0 ? g : slope * g }
        case .sigmoid: each { g, y in g * y * (1 - y) }
        case .tanh: each { g, y in g * (1 - y * y) }
        case .gelu: each { g, x in T(converting: g.wide * gelu(x.wide).slope) }
        case .geluTanh: each { g, x in T(converting: g.wide * geluTanh(x.wide).slope) }
        case .silu: each { g, x in T(converting: g.wide * silu(x.wide).slope) }
        case .softplus: each { g, x in T(converting: g.wide * softplus(x.wide, beta).slope) }
        default: unsupported("\(operation)'s gradient", gradient.dtype)
        }
    }

    @inline(__always)
    private func map<T>(_ x: DeviceBuffer, as type: T.Type, _ function: (T) -> T) -> DeviceBuffer {
        let result = makeBuffer(x.shape, x.dtype)
        let input = x.elements(as: T.self)
        let output = result.elements(as: T.self)
        let loop = StridedLoop(x.shape, result.strides, x.strides)
        loop.forEachRow { row in
            for i in 0..<loop.rowLength { output[row[0] + i] = function(input[row[1] + i * loop.rowStep[1]]) }
        }
        return result
    }
}

/// `1 / (1 + exp(−x))`; the exponential is taken of a negative number, so that it cannot overflow.
func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
}

/// x · Φ(x) and its derivative Φ(x) + x · φ(x), where Φ is the share of a standard normal distribution below x and φ its
/// density. At −∞, as at 30, the limit: no product of ∞ and 0.
private func gelu(_ x: Double) -> (value: Double, slope: Double) {
    let t = bounded(x, by: 40)
    let share = erfc(-t * 0.5.squareRoot()) / 2
    let density = exp(-t * t / 2) / (2 * Double.pi).squareRoot()
    return ((x < 0 ? t : x) * share, share + t * density)
}

/// x/2 · (1 + tanh u) with u = √(2/π) · (x + 0.044715 x³), which is x · sigmoid(2u), and its derivative.
private func geluTanh(_ x: Double) -> (value: Double, slope: Double) {
    let t = bounded(x, by: 40)
    let scale = (2 / Double.pi).squareRoot()
    let share = logistic(2 * scale * (t + 0.044715 * t * t * t))
    let slope = share + t * share * (1 - share) * 2 * scale * (1 + 3 * 0.044715 * t * t)
    return ((x < 0 ? t : x) * share, slope)
}

/// x · sigmoid(x) and its derivative.
private func silu(_ x: Double) -> (value: Double, slope: Double) {
    let t = bounded(x, by: 800)
    let share = logistic(t)
    return ((x < 0 ? t : x) * share, share * (1 + t * (1 - share)))
}

/// log(1 + e^βx) / β and its derivative; where βx > 20, the line that it approaches.
private func softplus(_ x: Double, _ beta: Double) -> (value: Double, slope: Double) {
    let z = beta * x
    return z > 20 ? (x, 1) : (log1p(exp(z)) / beta, logistic(z))
}

/// NaN stays.
private func bounded(_ x: Double, by limit: Double) -> Double { x < -limit ? -limit : x > limit ? limit : x }

// MARK: Binary

extension ReferenceBackend {
    package func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        switch a.dtype {
        case .float32: binaryNumber(operation, a, b, as: Float.self)
        case .float64: binaryNumber(operation, a, b, as: Double.self)
        case .bfloat16: widened.binary(operation, a, b)
        case .int32: binaryNumber(operation, a, b, as: Int32.self)
        case .int64: binaryNumber(operation, a, b, as: Int64.self)
        case .uint8: binaryNumber(operation, a, b, as: UInt8.self)
        case .bool where operation == .logicalAnd: zip(a, b, as: Bool.self, to: .bool) { $0 && $1 }
        case .bool where operation == .logicalOr: zip(a, b, as: Bool.self, to: .bool) { $0 || $1 }
        default: unsupported(operation.name, a.dtype)
        }
    }

    package func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool)
        -> DeviceBuffer
    {
        if x.dtype == .bfloat16 { return widened.binary(operation, x, scalar: scalar, scalarIsLeft: scalarIsLeft) }
        let scalar = full(.scalar, x.dtype, scalar)
        return scalarIsLeft ? binary(operation, scalar, x) : binary(operation, x, scalar)
    }

    private func binaryNumber<T: ReferenceNumber>(
        _ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer, as type: T.Type
    ) -> DeviceBuffer {
        switch operation {
        case .add: zip(a, b, as: type, to: a.dtype) { T.add($0, $1) }
        case .subtract: zip(a, b, as: type, to: a.dtype) { T.subtract($0, $1) }
        case .multiply: zip(a, b, as: type, to: a.dtype) { T.multiply($0, $1) }
        case .divide: zip(a, b, as: type, to: a.dtype) { T.divide($0, $1) }
        case .power: zip(a, b, as: type, to: a.dtype) { T.power($0, $1) }
        case .maximum: zip(a, b, as: type, to: a.dtype) { T.maximum($0, $1) }
        case .minimum: zip(a, b, as: type, to: a.dtype) { T.minimum($0, $1) }
        default: unsupported(operation.name, a.dtype)
        }
    }

    /// `function(a, b)` for each pair of elements of the broadcast operands.
    @inline(__always)
    private func zip<T, R>(
        _ a: DeviceBuffer, _ b: DeviceBuffer, as type: T.Type, to dtype: DType, _ function: (T, T) -> R
    ) -> DeviceBuffer {
        let result = makeBuffer(broadcastShape(a.shape, b.shape), dtype)
        let left = a.elements(as: T.self)
        let right = b.elements(as: T.self)
        let output = result.elements(as: R.self)
        let loop = StridedLoop(result.shape, result.strides, a.broadcastStrides, b.broadcastStrides)
        loop.forEachRow { row in
            for i in 0..<loop.rowLength {
                output[row[0] + i] = function(left[row[1] + i * loop.rowStep[1]], right[row[2] + i * loop.rowStep[2]])
            }
        }
        return result
    }

    private func broadcastShape(_ a: Shape, _ b: Shape) -> Shape {
        guard let shape = a.broadcast(with: b) else {
            fatalError("reference backend: shapes \(a) and \(b) do not broadcast")
        }
        return shape
    }
}

// MARK: Comparison and selection

extension ReferenceBackend {
    package func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        switch a.dtype {
        case .float32: compare(operation, a, b, as: Float.self)
        case .float64: compare(operation, a, b, as: Double.self)
        case .bfloat16: widened.compare(operation, a, b)
        case .int32: compare(operation, a, b, as: Int32.self)
        case .int64: compare(operation, a, b, as: Int64.self)
        case .uint8, .bool: compare(operation, a, b, as: UInt8.self)
        }
    }

    package func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer {
        // 2 < 2.5 must not become 2 < 2: what an integer cannot hold is compared as Double.
        let isExact: Bool
        switch x.dtype {
        case .float32, .float64, .bfloat16: isExact = true
        case .int32: isExact = Int32(exactly: scalar) != nil
        case .int64: isExact = Int64(exactly: scalar) != nil
        case .uint8: isExact = UInt8(exactly: scalar) != nil
        case .bool: isExact = scalar == 0 || scalar == 1
        }
        let operand = isExact ? x : cast(x, to: .float64)
        return compare(operation, operand, full(.scalar, operand.dtype, scalar))
    }

    private func compare<T: ReferenceNumber>(
        _ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer, as type: T.Type
    ) -> DeviceBuffer {
        switch operation {
        case .equal: zip(a, b, as: type, to: .bool) { $0 == $1 }
        case .notEqual: zip(a, b, as: type, to: .bool) { $0 != $1 }
        case .less: zip(a, b, as: type, to: .bool) { $0 < $1 }
        case .lessOrEqual: zip(a, b, as: type, to: .bool) { $0 <= $1 }
        case .greater: zip(a, b, as: type, to: .bool) { $0 > $1 }
        case .greaterOrEqual: zip(a, b, as: type, to: .bool) { $0 >= $1 }
        }
    }

    package func select(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        switch a.dtype.byteCount {
        case 1: select(condition, a, b, as: UInt8.self)
        case 2: select(condition, a, b, as: UInt16.self)
        case 4: select(condition, a, b, as: UInt32.self)
        default: select(condition, a, b, as: UInt64.self)
        }
    }

    private func select<T: BitwiseCopyable>(
        _ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, as type: T.Type
    ) -> DeviceBuffer {
        let result = makeBuffer(broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)), a.dtype)
        let chosen = condition.elements(as: Bool.self)
        let left = a.elements(as: T.self)
        let right = b.elements(as: T.self)
        let output = result.elements(as: T.self)
        let loop = StridedLoop(
            result.shape, result.strides, condition.broadcastStrides, a.broadcastStrides, b.broadcastStrides)
        loop.forEachElement { at in output[at[0]] = chosen[at[1]] ? left[at[2]] : right[at[3]] }
        return result
    }

    package func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        switch destination.dtype {
        case _ where source.dtype == .bfloat16: widened.accumulate(source, into: destination)
        case .float32: accumulate(source, into: destination, as: Float.self)
        case .float64: accumulate(source, into: destination, as: Double.self)
        case .int32: accumulate(source, into: destination, as: Int32.self)
        case .int64: accumulate(source, into: destination, as: Int64.self)
        case .uint8: accumulate(source, into: destination, as: UInt8.self)
        case .bfloat16, .bool: unsupported("accumulate", destination.dtype)
        }
    }

    private func accumulate<T: ReferenceNumber>(_ source: DeviceBuffer, into destination: DeviceBuffer, as type: T.Type)
    {
        let input = source.elements(as: T.self)
        let output = destination.elements(as: T.self)
        let loop = StridedLoop(source.shape, destination.strides, source.strides)
        loop.forEachElement { at in output[at[0]] = T.add(output[at[0]], input[at[1]]) }
    }
}
