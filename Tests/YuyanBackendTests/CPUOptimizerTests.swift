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
                        cpu.sgdUpdate([SGDUpdate(parameter, gradient, velocity: velocity)], options)
                        reference.sgdUpdate(
                            [SGDUpdate(wideParameter, wide(gradient), velocity: wideVelocity)], options)
                    }
                    let context = "\(shape), momentum \(momentum), decay \(weightDecay), \(name)"
                    expectClose(parameter, wideParameter, relative: 1e-6, absolute: 1e-6, context)
                    if let velocity, let wideVelocity {
                        expectClose(velocity, wideVelocity, relative: 1e-6, absolute: 1e-6, context)
                    }
                }
            }
        }

        /// One call for many parameters gives the bits of a call for each, also where a thread's part ends inside one.
        @Test(arguments: [0, 0.9]) func manyParametersAtOnce(_ momentum: Double) {
            let options = SGDOptions(learningRate: 0.1, momentum: momentum, weightDecay: 0.01)
            let shapes: [Shape] = [[3], [0], [70_001], [5, 7], [2], [1024], [40_000], [1]]
            func updates() -> [SGDUpdate] {
                shapes.enumerated().map { index, shape in
                    let gradient = randomBuffer(shape, seed: UInt64(100 + index))
                    return SGDUpdate(
                        cpu.copied(randomBuffer(shape, seed: UInt64(index))),
                        shape.rank == 2 ? cpu.copied(gradient.swappingAxes(0, 1)).swappingAxes(0, 1) : gradient,
                        velocity: momentum > 0 ? cpu.full(shape, .float32, 0.5) : nil)
                }
            }
            let (together, alone) = (updates(), updates())
            cpu.sgdUpdate(together, options)
            for update in alone { cpu.sgdUpdate([update], options) }
            for (x, y) in zip(together, alone) {
                #expect(elements(x.parameter) as [Float] == elements(y.parameter))
                if let v = x.velocity, let w = y.velocity { #expect(elements(v) as [Float] == elements(w)) }
            }
            #expect(elements(together[2].parameter) as [Float] != elements(randomBuffer([70_001], seed: 2)))
        }
    }
#endif
