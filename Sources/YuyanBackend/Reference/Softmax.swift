import Glibc

extension ReferenceBackend {
    package func softmax(_ kind: SoftmaxKind, _ x: DeviceBuffer) -> DeviceBuffer {
        switch kind {
        case _ where x.dtype == .bfloat16: widened.softmax(kind, x)
        case .softmax: softmax(x)
        case .logSoftmax: logSoftmax(x)
        }
    }

    package func softmaxGradient(_ kind: SoftmaxKind, _ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        switch kind {
        case _ where output.dtype == .bfloat16: widened.softmaxGradient(kind, gradient, output: output)
        case .softmax: softmaxGradient(gradient, output: output)
        case .logSoftmax: logSoftmaxGradient(gradient, output: output)
        }
    }

    private func softmax(_ x: DeviceBuffer) -> DeviceBuffer {
        switch x.dtype {
        case .float32: softmax(x, as: Float.self)
        case .float64: softmax(x, as: Double.self)
        default: unsupported("softmax", x.dtype)
        }
    }

    private func softmax<T: ReferenceReal>(_ x: DeviceBuffer, as type: T.Type) -> DeviceBuffer {
        let x = contiguous(x)
        let result = makeBuffer(x.shape, x.dtype)
        forEachLine(of: x) { offset, count in
            let source = x.elements(as: T.self) + offset
            let target = result.elements(as: T.self) + offset
            let (maximum, sum) = sumOfExponentials(source, count)
            for i in 0..<count { target[i] = T(converting: exp(source[i].wide - maximum) / sum) }
        }
        return result
    }

    private func softmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        switch output.dtype {
        case .float32: softmaxGradient(gradient, output, as: Float.self)
        case .float64: softmaxGradient(gradient, output, as: Double.self)
        default: unsupported("softmax's gradient", output.dtype)
        }
    }

    private func softmaxGradient<T: ReferenceReal>(_ gradient: DeviceBuffer, _ output: DeviceBuffer, as type: T.Type)
        -> DeviceBuffer
    {
        let gradient = contiguous(gradient)
        let output = contiguous(output)
        let result = makeBuffer(output.shape, output.dtype)
        forEachLine(of: output) { offset, count in
            let g = gradient.elements(as: T.self) + offset
            let y = output.elements(as: T.self) + offset
            let target = result.elements(as: T.self) + offset
            var sum = 0.0
            for i in 0..<count { sum += g[i].wide * y[i].wide }
            for i in 0..<count { target[i] = T(converting: y[i].wide * (g[i].wide - sum)) }
        }
        return result
    }

    private func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer {
        switch x.dtype {
        case .float32: logSoftmax(x, as: Float.self)
        case .float64: logSoftmax(x, as: Double.self)
        default: unsupported("log-softmax", x.dtype)
        }
    }

    private func logSoftmax<T: ReferenceReal>(_ x: DeviceBuffer, as type: T.Type) -> DeviceBuffer {
        let x = contiguous(x)
        let result = makeBuffer(x.shape, x.dtype)
        forEachLine(of: x) { offset, count in
            let source = x.elements(as: T.self) + offset
            let target = result.elements(as: T.self) + offset
            let (maximum, sum) = sumOfExponentials(source, count)
            let logSum = log(sum)
            for i in 0..<count { target[i] = T(converting: source[i].wide - maximum - logSum) }
        }
        return result
    }

    private func logSoftmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
        switch output.dtype {
        case .float32: logSoftmaxGradient(gradient, output, as: Float.self)
        case .float64: logSoftmaxGradient(gradient, output, as: Double.self)
        default: unsupported("log-softmax's gradient", output.dtype)
        }
    }

    private func logSoftmaxGradient<T: ReferenceReal>(_ gradient: DeviceBuffer, _ output: DeviceBuffer, as type: T.Type)
        -> DeviceBuffer
    {
        let gradient = contiguous(gradient)
        let output = contiguous(output)
        let result = makeBuffer(output.shape, output.dtype)
        forEachLine(of: output) { offset, count in
            let g = gradient.elements(as: T.self) + offset
            let y = output.elements(as: T.self) + offset
            let target = result.elements(as: T.self) + offset
            var sum = 0.0
            for i in 0..<count { sum += g[i].wide }
            for i in 0..<count { target[i] = T(converting: g[i].wide - exp(y[i].wide) * sum) }
        }
        return result
    }

    /// Calls `body` with the first offset and the size of every line along the last axis.
    @inline(__always)
    private func forEachLine(of x: DeviceBuffer, _ body: (_ offset: Int, _ count: Int) -> Void) {
        let count = x.shape.last ?? 1
        if x.elementCount == 0 { return }
        for offset in stride(from: 0, to: x.elementCount, by: count) { body(offset, count) }
    }

    /// `max x` and `Σ exp(x − max x)`: no exponential overflows, and one of them is 1. A NaN shows in the sum.
    @inline(__always)
    func sumOfExponentials<T: ReferenceReal>(
        _ x: UnsafePointer<T>, _ count: Int
    ) -> (maximum: Double, sum: Double) {
        var maximum = -Double.infinity
        for i in 0..<count { maximum = max(maximum, x[i].wide) }
        var sum = 0.0
        for i in 0..<count { sum += exp(x[i].wide - maximum) }
        return (maximum, sum)
    }
}
