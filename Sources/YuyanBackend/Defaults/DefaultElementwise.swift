extension Backend {
    package func fill(_ x: DeviceBuffer, with value: Double) {
        changeThroughReference([x], count: 1) { $0.fill($1[0]!, with: value) }
    }

    package func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer {
        throughReference([x]) { $0.unary(operation, $1[0]!) }
    }

    package func unaryGradient(
        _ operation: UnaryOperation, _ gradient: DeviceBuffer, x: DeviceBuffer?, y: DeviceBuffer?
    )
        -> DeviceBuffer
    {
        throughReference([gradient, x, y]) { $0.unaryGradient(operation, $1[0]!, x: $1[1], y: $1[2]) }
    }

    package func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        throughReference([a, b]) { $0.binary(operation, $1[0]!, $1[1]!) }
    }

    package func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool)
        -> DeviceBuffer
    {
        throughReference([x]) { $0.binary(operation, $1[0]!, scalar: scalar, scalarIsLeft: scalarIsLeft) }
    }

    package func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        throughReference([a, b]) { $0.compare(operation, $1[0]!, $1[1]!) }
    }

    package func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer {
        throughReference([x]) { $0.compare(operation, $1[0]!, scalar: scalar) }
    }

    package func select(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer {
        throughReference([condition, a, b]) { $0.select($1[0]!, $1[1]!, $1[2]!) }
    }

    package func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        changeThroughReference([destination, source], count: 1) { $0.accumulate($1[1]!, into: $1[0]!) }
    }

    package func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer {
        throughReference([x]) { $0.dropout($1[0]!, probability: probability, key) }
    }

    package func random(
        _ kind: RandomKind, _ shape: Shape, _ dtype: DType, _ numbers: SIMD2<Double>, _ key: RandomKey
    ) -> DeviceBuffer {
        throughReference([]) { reference, _ in reference.random(kind, shape, dtype, numbers, key) }
    }
}
