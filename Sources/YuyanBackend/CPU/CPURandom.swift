#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        package func random(
            _ kind: RandomKind, _ shape: Shape, _ dtype: DType, _ numbers: SIMD2<Double>, _ key: RandomKey
        ) -> DeviceBuffer {
            guard PrimitiveFamily.random.kernelTypes.contains(dtype) else {
                return elsewhere(.random, dtype).random(kind, shape, dtype, numbers, key)
            }
            let result = makeBuffer(shape)
            let (y, count) = (result.floats, result.elementCount)
            switch kind {
            case .uniform: yuyan_random_uniform(y, count, key.seed, key.draw, Float(numbers.x), Float(numbers.y))
            case .normal: yuyan_random_normal(y, count, key.seed, key.draw, numbers.x, numbers.y)
            case .permutation: return reference.random(kind, shape, dtype, numbers, key)
            }
            return result
        }

        package func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer {
            guard computes(.dropout, x) else {
                return elsewhere(.dropout, x.dtype).dropout(x, probability: probability, key)
            }
            // The draw counts elements in row-major order, wherever they lie.
            if x.hasChannelsTogether {
                let result = makeBuffer(x.shape, x.layout)
                let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
                withExtendedLifetime(x) {
                    yuyan_dropout_image(
                        x.floats, result.floats, x.shape[0], channels, pixels, x.channelBlock ?? channels, key.seed,
                        key.draw, Float(probability))
                }
                return result
            }
            let source = contiguous(x)
            let result = makeBuffer(x.shape)
            withExtendedLifetime(source) {
                yuyan_dropout(source.floats, result.floats, x.elementCount, key.seed, key.draw, Float(probability))
            }
            return result
        }
    }
#endif
