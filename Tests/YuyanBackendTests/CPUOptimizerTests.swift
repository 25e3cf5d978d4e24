#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUOptimizerTests {
        @Test(arguments: [0, 0.9], [0, 0.01]) func gradientDescent(_ momentum: Double, _ weightDecay: Double) {
            let options = SGDOptions(learningRate: 0.1, momentum: momentum, weightDecay: weightDecay)
            for shape in [[0], [1], [17], [40_000], [100_003], [5, 7]] as [Shape] {
                let start = randomBuffer(shape, seed: 1)
                for (name, gradient) in arrangements(of: randomBuffer(shape, seed: 2)) {
                    let parameter = cpu.copied(start)
                    let velocity = momentum > 0 ? cpu.full(shape, .float32, 0) : nil
                    let wideParameter = wide(start)
                    let wideVelocity = momentum > 0 ? reference.full(shape, .float64, 0) : nil
                    for _ in 0..<3 {
                        cpu.sgdUpdate(parameter, gradient, velocity: velocity, options)
                        reference.sgdUpdate(wideParameter, wide(gradient), velocity: wideVelocity, options)
                    }
                    let context = "\(shape), momentum \(momentum), decay \(weightDecay), \(name)"
                    expectClose(parameter, wideParameter, relative: 1e-6, absolute: 1e-6, context)
                    if let velocity, let wideVelocity {
                        expectClose(velocity, wideVelocity, relative: 1e-6, absolute: 1e-6, context)
                    }
                }
            }
        }
    }
#endif
