extension Backend {
    package func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer {
        throughReference([x]) { $0.reduce(operation, $1[0]!, axes: axes) }
    }

    package func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer {
        throughReference([x]) { $0.argReduce(operation, $1[0]!, axis: axis) }
    }

    package func scan(_ kind: ScanKind, _ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer {
        throughReference([x]) { $0.scan(kind, $1[0]!, axis: axis, isReversed: isReversed) }
    }

    package func softmax(_ kind: SoftmaxKind, _ x: DeviceBuffer) -> DeviceBuffer {
        throughReference([x]) { $0.softmax(kind, $1[0]!) }
    }

    package func softmaxGradient(_ kind: SoftmaxKind, _ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        throughReference([gradient, output]) { $0.softmaxGradient(kind, $1[0]!, output: $1[1]!) }
    }
}
