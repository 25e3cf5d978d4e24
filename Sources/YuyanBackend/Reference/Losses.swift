import Glibc

extension ReferenceBackend {
    package func loss(_ kind: LossKind, _ predictions: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions)
        throws(IndexError) -> Loss
    {
        switch (kind, predictions.dtype) {
        case (.squaredError, .float32): squaredError(predictions, targets, options.reduction, as: Float.self)
        case (.squaredError, .float64): squaredError(predictions, targets, options.reduction, as: Double.self)
        case (.crossEntropy, .float32): try crossEntropy(predictions, targets, options, as: Float.self)
        case (.crossEntropy, .float64): try crossEntropy(predictions, targets, options, as: Double.self)
        case (_, .bfloat16): try widened.loss(kind, predictions, targets, options)
        default: unsupported("a loss", predictions.dtype)
        }
    }

    package func lossGradient(
        _ kind: LossKind, _ gradient: DeviceBuffer, _ predictions: DeviceBuffer, _ targets: DeviceBuffer,
        saved: DeviceBuffer?, _ options: LossOptions
    ) -> DeviceBuffer {
        switch (kind, predictions.dtype) {
        case (.squaredError, .float32):
            squaredErrorGradient(gradient, predictions, targets, options.reduction, as: Float.self)
        case (.squaredError, .float64):
            squaredErrorGradient(gradient, predictions, targets, options.reduction, as: Double.self)
        case (.crossEntropy, .float32): crossEntropyGradient(gradient, saved!, targets, options, as: Float.self)
        case (.crossEntropy, .float64): crossEntropyGradient(gradient, saved!, targets, options, as: Double.self)
        case (_, .bfloat16):
            widened.lossGradient(kind, gradient, predictions, targets, saved: saved, options)
        default: unsupported("a loss's gradient", predictions.dtype)
        }
    }
}

// MARK: Squared error

extension ReferenceBackend {
    private func squaredError<T: ReferenceReal>(
        _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction, as type: T.Type
    ) -> Loss {
        let (a, b) = (contiguous(a), contiguous(b))
        let (x, y) = (a.elements(as: T.self), b.elements(as: T.self))
        let result = makeBuffer(reduction == .none ? a.shape : .scalar, a.dtype)
        let losses = result.elements(as: T.self)
        var total = 0.0
        for i in 0..<a.elementCount {
            let difference = x[i].wide - y[i].wide
            if reduction == .none { losses[i] = T(converting: difference * difference) }
            total += difference * difference
        }
        put(total, reduction, of: Double(a.elementCount), into: losses)
        return Loss(loss: result, saved: nil)
    }

    private func squaredErrorGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction, as type: T.Type
    ) -> DeviceBuffer {
        let (gradient, a, b) = (contiguous(gradient), contiguous(a), contiguous(b))
        let (x, y, slopes) = (a.elements(as: T.self), b.elements(as: T.self), gradient.elements(as: T.self))
        let result = makeBuffer(a.shape, a.dtype)
        let output = result.elements(as: T.self)
        let scale = reduction == .mean ? 2 / Double(a.elementCount) : 2
        for i in 0..<a.elementCount {
            let slope = slopes[reduction == .none ? i : 0].wide
            output[i] = T(converting: (x[i].wide - y[i].wide) * slope * scale)
        }
        return result
    }

    /// The sum of all losses, or their mean over `count`, as the first element.
    private func put<T: ReferenceReal>(
        _ total: Double, _ reduction: LossReduction, of count: Double, into losses: UnsafeMutablePointer<T>
    ) {
        switch reduction {
        case .none: break
        case .sum: losses[0] = T(converting: total)
        case .mean: losses[0] = T(converting: total / count)
        }
    }
}

// MARK: Cross-entropy

/// Class indices `[N]`, and what they count.
private struct ClassTargets<T: ReferenceReal> {
    let count: Int
    private let classCount: Int
    private let indices: DeviceBuffer
    private let weights: DeviceBuffer?
    private let options: LossOptions

    init(_ indices: DeviceBuffer, _ options: LossOptions, classCount: Int, on backend: ReferenceBackend) {
        self.indices = backend.contiguous(indices)
        self.options = options
        self.classCount = classCount
        count = indices.elementCount
        weights = options.classWeights.map(backend.contiguous)
    }

    /// The class of a sample, nil if it counts nothing.
    subscript(_ sample: Int) -> Int? {
        get throws(IndexError) {
            let index = indices.elements(as: Int64.self)[sample]
            if index == options.ignoredIndex { return nil }
            guard index >= 0, index < classCount else {
                throw IndexError(index: index, place: sample, count: classCount)
            }
            return Int(index)
        }
    }

    func weight(of label: Int) -> Double { weights.map { $0.elements(as: T.self)[label].wide } ?? 1 }

    /// q_c · w_c: how much the probability of class c counts in a sample of class `label`.
    func share(of c: Int, in label: Int) -> Double {
        let even = options.smoothing / Double(classCount)
        return ((c == label ? 1 - options.smoothing : 0) + even) * weight(of: c)
    }

    /// What the mean divides by.
    func totalWeight() throws(IndexError) -> Double {
        var total = 0.0
        for sample in 0..<count {
            if let label = try self[sample] { total += weight(of: label) }
        }
        return total
    }
}

extension ReferenceBackend {
    private func crossEntropy<T: ReferenceReal>(
        _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions, as type: T.Type
    ) throws(IndexError) -> Loss {
        let logits = contiguous(logits)
        let (sampleCount, classCount) = (logits.shape[0], logits.shape[1])
        let labels = ClassTargets<T>(targets, options, classCount: classCount, on: self)
        let loss = makeBuffer(options.reduction == .none ? [sampleCount] : .scalar, logits.dtype)
        let probabilities = makeBuffer(logits.shape, logits.dtype)
        let losses = loss.elements(as: T.self)
        var total = 0.0
        for n in 0..<sampleCount {
            let x = logits.elements(as: T.self) + n * classCount
            let p = probabilities.elements(as: T.self) + n * classCount
            let (maximum, sum) = sumOfExponentials(x, classCount)
            for c in 0..<classCount { p[c] = T(converting: exp(x[c].wide - maximum) / sum) }
            var value = 0.0
            if let label = try labels[n] {
                // Others than the label count only with smoothing: 0 · ∞ would be NaN.
                for c in options.smoothing > 0 ? 0..<classCount : label..<label + 1 {
                    value += labels.share(of: c, in: label) * (log(sum) - (x[c].wide - maximum))
                }
            }
            if options.reduction == .none { losses[n] = T(converting: value) }
            total += value
        }
        put(total, options.reduction, of: try labels.totalWeight(), into: losses)
        return Loss(loss: loss, saved: probabilities)
    }

    private func crossEntropyGradient<T: ReferenceReal>(
        _ gradient: DeviceBuffer, _ probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions,
        as type: T.Type
    ) -> DeviceBuffer {
        let (gradient, probabilities) = (contiguous(gradient), contiguous(probabilities))
        let (sampleCount, classCount) = (probabilities.shape[0], probabilities.shape[1])
        let labels = ClassTargets<T>(targets, options, classCount: classCount, on: self)
        let result = full(probabilities.shape, probabilities.dtype, 0)
        let slopes = gradient.elements(as: T.self)
        let count = options.reduction == .mean ? (try? labels.totalWeight()) ?? .nan : 1
        for n in 0..<sampleCount {
            guard let label = try? labels[n] else { continue }
            let p = probabilities.elements(as: T.self) + n * classCount
            let output = result.elements(as: T.self) + n * classCount
            let slope = slopes[options.reduction == .none ? n : 0].wide / count
            var all = options.isPlain ? 1.0 : 0.0
            if !options.isPlain { for c in 0..<classCount { all += labels.share(of: c, in: label) } }
            for c in 0..<classCount {
                output[c] = T(converting: (p[c].wide * all - labels.share(of: c, in: label)) * slope)
            }
        }
        return result
    }
}
