#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        /// All parameters in one pass: many small ones cost one call, large ones one parallel region.
        package func sgdUpdate(_ updates: [SGDUpdate], _ options: SGDOptions) {
            withUnsafeTemporaryAllocation(of: yuyan_sgd_update.self, capacity: updates.count) { table in
                var count = 0
                for update in updates {
                    let (p, g, v) = (update.parameter, update.gradient, update.velocity)
                    guard p.dtype == .float32, p.isContiguous, g.isContiguous, v?.isContiguous ?? true else {
                        applyAlone(update, options)
                        continue
                    }
                    table.initializeElement(
                        at: count,
                        to: yuyan_sgd_update(
                            parameter: p.floats, velocity: v?.floats, gradient: g.floats, count: p.elementCount))
                    count += 1
                }
                yuyan_sgd(
                    table.baseAddress, count, Float(options.learningRate), Float(options.momentum),
                    Float(options.weightDecay))
            }
        }

        /// What the loops cannot read directly.
        private func applyAlone(_ update: SGDUpdate, _ options: SGDOptions) {
            let isPlain = update.parameter.isContiguous && update.velocity?.isContiguous ?? true
            guard update.parameter.dtype == .float32, isPlain else {
                reference.sgdUpdate(
                    [SGDUpdate(update.parameter, update.gradient.strided, velocity: update.velocity)], options)
                return
            }
            sgdUpdate([SGDUpdate(update.parameter, copied(update.gradient), velocity: update.velocity)], options)
        }
    }
#endif
