#if OneDNN
    import Testing
    import YuyanBackend

    @Suite struct CPUOptimizerTests {
        private func options(_ weightDecay: Double, momentum: Double = 0.9) -> UpdateOptions {
            UpdateOptions(
                learningRate: 0.1, weightDecay: weightDecay, decay: momentum, secondDecay: 0.99, epsilon: 1e-6)
        }

        /// Zeros for each state of a rule.
        private func states(
            _ kind: UpdateKind, _ options: UpdateOptions, on backend: any Backend, _ shape: Shape, _ dtype: DType
        ) -> [DeviceBuffer] {
            if kind == .gradientDescent && options.decay == 0 { return [] }
            return kind.stateNames.map { _ in backend.full(shape, dtype, 0) }
        }

        private func row(_ parameter: DeviceBuffer, _ gradient: DeviceBuffer, _ states: [DeviceBuffer], step: Int)
            -> ParameterUpdate
        {
            ParameterUpdate(
                parameter, gradient, first: states.first, second: states.count > 1 ? states[1] : nil, step: step)
        }

        @Test(arguments: UpdateKind.all, [0, 0.01]) func steps(_ kind: UpdateKind, _ weightDecay: Double) {
            for momentum in kind == .gradientDescent ? [0, 0.9] : [0.9] {
                let options = options(weightDecay, momentum: momentum)
                for shape in [[0], [1], [17], [40_000], [100_003], [5, 7]] as [Shape] {
                    let start = randomBuffer(shape, seed: 1)
                    for (name, gradient) in arrangements(of: randomBuffer(shape, seed: 2)) {
                        let parameter = cpu.copied(start)
                        let wideParameter = wide(start)
                        let own = states(kind, options, on: cpu, shape, .float32)
                        let wideOwn = states(kind, options, on: reference, shape, .float64)
                        for step in 1...3 {
                            cpu.update(kind, [row(parameter, gradient, own, step: step)], options)
                            reference.update(
                                kind, [row(wideParameter, wide(gradient), wideOwn, step: step)], options)
                        }
                        let context = "\(kind), \(shape), momentum \(momentum), decay \(weightDecay), \(name)"
                        expectClose(parameter, wideParameter, relative: 1e-6, absolute: 1e-6, context)
                        for (state, wideState) in zip(own, wideOwn) {
                            expectClose(state, wideState, relative: 1e-6, absolute: 1e-6, context)
                        }
                    }
                }
            }
        }

        /// One call for many parameters gives the bits of a call for each, also where a thread's part ends inside one.
        @Test(arguments: UpdateKind.all, [0, 0.9])
        func manyParametersAtOnce(_ kind: UpdateKind, _ momentum: Double) {
            let options = options(0.01, momentum: momentum)
            let shapes: [Shape] = [[3], [0], [70_001], [5, 7], [2], [1024], [40_000], [1]]
            func table() -> [ParameterUpdate] {
                shapes.enumerated().map { index, shape in
                    let gradient = randomBuffer(shape, seed: UInt64(100 + index))
                    let own = states(kind, options, on: cpu, shape, .float32)
                    for state in own { cpu.fill(state, with: 0.5) }
                    return row(
                        cpu.copied(randomBuffer(shape, seed: UInt64(index))),
                        shape.rank == 2 ? cpu.copied(gradient.swappingAxes(0, 1)).swappingAxes(0, 1) : gradient, own,
                        step: index + 1)
                }
            }
            let (together, alone) = (table(), table())
            cpu.update(kind, together, options)
            for update in alone { cpu.update(kind, [update], options) }
            for (x, y) in zip(together, alone) {
                #expect(elements(x.parameter) as [Float] == elements(y.parameter))
                for (state, other) in [(x.first, y.first), (x.second, y.second)] {
                    if let state, let other { #expect(elements(state) as [Float] == elements(other)) }
                }
            }
            #expect(elements(together[2].parameter) as [Float] != elements(randomBuffer([70_001], seed: 2)))
        }
    }
#endif
