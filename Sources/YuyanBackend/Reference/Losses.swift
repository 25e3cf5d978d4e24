extension ReferenceBackend {
    package func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> DeviceBuffer {
        switch a.dtype {
        case .float32: squaredError(a, b, reduction, as: Float.self)
        case .float64: squaredError(a, b, reduction, as: Double.self)
        default: unsupported("squared error", a.dtype)
        }
    }

    private func squaredError<T: ReferenceReal>(
        _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction, as type: T.Type
    ) -> DeviceBuffer {
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
        switch reduction {
        case .none: break
        case .sum: losses[0] = T(converting: total)
        case .mean: losses[0] = T(converting: total / Double(a.elementCount))
        }
        return result
    }

    package func squaredErrorGradient(
        _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer {
        switch a.dtype {
        case .float32: squaredErrorGradient(gradient, a, b, reduction, as: Float.self)
        case .float64: squaredErrorGradient(gradient, a, b, reduction, as: Double.self)
        default: unsupported("squared error's gradient", a.dtype)
        }
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
}
