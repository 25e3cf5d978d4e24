#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        /// All parameters in one pass: many small ones cost one call, large ones one parallel region.
        package func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions) {
            withUnsafeTemporaryAllocation(of: yuyan_update.self, capacity: table.count) { rows in
                var count = 0
                for update in table {
                    let (p, g) = (update.parameter, update.gradient)
                    guard p.dtype == .float32, g.dtype == .float32, update.shadow == nil, g.isContiguous,
                        update.isContiguousInPlace
                    else {
                        updateAlone(kind, update, options)
                        continue
                    }
                    rows.initializeElement(
                        at: count,
                        to: yuyan_update(
                            parameter: p.floats, first: update.first?.floats, second: update.second?.floats,
                            gradient: g.floats, count: p.elementCount, step: update.step))
                    count += 1
                }
                var numbers = yuyan_update_options(
                    learning_rate: options.learningRate, weight_decay: options.weightDecay, decay: options.decay,
                    second_decay: options.secondDecay, epsilon: options.epsilon)
                yuyan_update_parameters(kind.rawValue, rows.baseAddress, count, &numbers)
            }
        }

        /// What the loops cannot read directly.
        private func updateAlone(_ kind: UpdateKind, _ update: ParameterUpdate, _ options: UpdateOptions) {
            if let shadow = update.shadow {
                self.update(kind, [update.withoutShadow], options)
                copy(update.parameter, into: shadow)
                return
            }
            let isPlain = update.parameter.dtype == .float32 && update.isContiguousInPlace
            let row = ParameterUpdate(
                update.parameter, isPlain ? cast(update.gradient, to: .float32) : update.gradient.strided,
                first: update.first, second: update.second, step: update.step)
            if isPlain { self.update(kind, [row], options) } else { reference.update(kind, [row], options) }
        }
    }

    extension ParameterUpdate {
        /// Whether all that is written has its elements in row-major order.
        fileprivate var isContiguousInPlace: Bool {
            parameter.isContiguous && first?.isContiguous ?? true && second?.isContiguous ?? true
        }
    }
#endif
