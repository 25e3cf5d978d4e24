#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func randomUniform(
            _ shape: Shape, _ dtype: DType, low: Double, high: Double, _ key: RandomKey
        ) -> DeviceBuffer {
            guard dtype == .float32 else {
                return reference.randomUniform(shape, dtype, low: low, high: high, key)
            }
            let result = makeBuffer(shape)
            yuyan_random_uniform(result.floats, result.elementCount, key.seed, key.draw, Float(low), Float(high))
            return result
        }

        package func randomNormal(
            _ shape: Shape, _ dtype: DType, mean: Double, deviation: Double, _ key: RandomKey
        ) -> DeviceBuffer {
            guard dtype == .float32 else {
                return reference.randomNormal(shape, dtype, mean: mean, deviation: deviation, key)
            }
            let result = makeBuffer(shape)
            yuyan_random_normal(result.floats, result.elementCount, key.seed, key.draw, mean, deviation)
            return result
        }

        package func randomPermutation(_ count: Int, _ key: RandomKey) -> DeviceBuffer {
            reference.randomPermutation(count, key)
        }

        package func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer {
            guard x.dtype == .float32 else { return reference.dropout(x, probability: probability, key) }
            // The draw counts elements in row-major order.
            let source = contiguous(x)
            let result = makeBuffer(x.shape)
            withExtendedLifetime(source) {
                yuyan_dropout(source.floats, result.floats, x.elementCount, key.seed, key.draw, Float(probability))
            }
            return result
        }
    }
#endif
