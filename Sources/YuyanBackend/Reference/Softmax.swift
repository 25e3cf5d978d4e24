import Glibc

extension ReferenceBackend {
    package func softmax(_ x: DeviceBuffer) -> DeviceBuffer {
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

    package func softmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
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

    package func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer {
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

    package func logSoftmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer {
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
    private func sumOfExponentials<T: ReferenceReal>(
        _ x: UnsafePointer<T>, _ count: Int
    ) -> (maximum: Double, sum: Double) {
        var maximum = -Double.infinity
        for i in 0..<count { maximum = max(maximum, x[i].wide) }
        var sum = 0.0
        for i in 0..<count { sum += exp(x[i].wide - maximum) }
        return (maximum, sum)
    }
}

// MARK: Cross-entropy

extension ReferenceBackend {
    package func crossEntropy(
        _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> (loss: DeviceBuffer, probabilities: DeviceBuffer) {
        switch logits.dtype {
        case .float32: crossEntropy(logits, targets, reduction, as: Float.self)
        case .float64: crossEntropy(logits, targets, reduction, as: Double.self)
        default: unsupported("cross-entropy", logits.dtype)
        }
    }

    private func crossEntropy<T: ReferenceReal>(
        _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction, as type: T.Type
    ) -> (loss: DeviceBuffer, probabilities: DeviceBuffer) {
        let logits = contiguous(logits)
        let targets = contiguous(targets)
        let (sampleCount, classCount) = (logits.shape[0], logits.shape[1])
        let loss = makeBuffer(reduction == .none ? [sampleCount] : .scalar, logits.dtype)
        let probabilities = makeBuffer(logits.shape, logits.dtype)
        let losses = loss.elements(as: T.self)
        var total = 0.0
        for n in 0..<sampleCount {
            let x = logits.elements(as: T.self) + n * classCount
            let p = probabilities.elements(as: T.self) + n * classCount
            let target = Int(targets.elements(as: Int64.self)[n])
            let (maximum, sum) = sumOfExponentials(x, classCount)
            for c in 0..<classCount { p[c] = T(converting: exp(x[c].wide - maximum) / sum) }
            let value = log(sum) - (x[target].wide - maximum)
            if reduction == .none { losses[n] = T(converting: value) }
            total += value
        }
        switch reduction {
        case .none: break
        case .sum: losses[0] = T(converting: total)
        case .mean: losses[0] = T(converting: total / Double(sampleCount))
        }
        return (loss, probabilities)
    }

    package func crossEntropyGradient(
        _ gradient: DeviceBuffer, probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer {
        switch probabilities.dtype {
        case .float32: crossEntropyGradient(gradient, probabilities, targets, reduction, as: Float.self)
        case .float64: crossEntropyGradient(gradient, probabilities, targets, reduction, as: Double.self)
        default: unsupported("cross-entropy's gradient", probabilities.dtype)
        }
    }

    private func crossEntropyGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction,
        as type: T.Type
    ) -> DeviceBuffer {
        let gradient = contiguous(gradient)
        let probabilities = contiguous(probabilities)
        let targets = contiguous(targets)
        let (sampleCount, classCount) = (probabilities.shape[0], probabilities.shape[1])
        let result = makeBuffer(probabilities.shape, probabilities.dtype)
        let slopes = gradient.elements(as: T.self)
        for n in 0..<sampleCount {
            let p = probabilities.elements(as: T.self) + n * classCount
            let output = result.elements(as: T.self) + n * classCount
            let target = Int(targets.elements(as: Int64.self)[n])
            let slope =
                switch reduction {
                case .none: slopes[n].wide
                case .sum: slopes[0].wide
                case .mean: slopes[0].wide / Double(sampleCount)
                }
            for c in 0..<classCount { output[c] = T(converting: (p[c].wide - (c == target ? 1 : 0)) * slope) }
        }
        return result
    }
}
