#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> DeviceBuffer {
            guard a.dtype == .float32 else { return reference.squaredError(a, b, reduction) }
            let (x, y) = (contiguous(a), contiguous(b))
            let count = x.elementCount
            if reduction == .none {
                let result = makeBuffer(a.shape)
                withExtendedLifetime((x, y)) {
                    yuyan_squared_difference(x.floats, y.floats, result.floats, count)
                }
                return result
            }
            let result = makeBuffer(.scalar)
            let scale = reduction == .mean ? 1 / Double(count) : 1
            result.floats[0] = withExtendedLifetime((x, y)) {
                yuyan_squared_error(x.floats, y.floats, count, scale)
            }
            return result
        }

        package func squaredErrorGradient(
            _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction
        ) -> DeviceBuffer {
            guard a.dtype == .float32 else { return reference.squaredErrorGradient(gradient, a, b, reduction) }
            let (g, x, y) = (contiguous(gradient), contiguous(a), contiguous(b))
            let result = makeBuffer(a.shape)
            let scale = reduction == .mean ? 2 / Float(x.elementCount) : 2
            withExtendedLifetime((g, x, y)) {
                yuyan_squared_error_gradient(
                    g.floats, reduction == .none ? 1 : 0, scale, x.floats, y.floats, result.floats, x.elementCount)
            }
            return result
        }
    }
#endif
