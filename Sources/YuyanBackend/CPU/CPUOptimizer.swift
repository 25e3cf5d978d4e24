#if OneDNN
    import YuyanKernels

    extension CPUBackend {
        /// All parameters in one pass: many small ones cost one call, large ones one parallel region.
        package func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions) {
            withUnsafeTemporaryAllocation(of: yuyan_update.self, capacity: table.count) { rows in
                var count = 0
                for update in table {
                    let (p, g) = (update.parameter, update.gradient)
                    let isHalf = g.dtype == .bfloat16
                    guard computes(.update, p), isHalf || computes(.update, g), g.isContiguous,
                        update.isContiguousInPlace
                    else {
                        updateAlone(kind, update, options)
                        continue
                    }
                    rows.initializeElement(
                        at: count,
                        to: yuyan_update(
                            parameter: p.floats, first: update.first?.floats, second: update.second?.floats,
                            gradient: isHalf ? nil : g.floats, half_gradient: isHalf ? g.halves : nil,
                            shadow: update.shadow?.halves, count: p.elementCount, step: update.step))
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
            let isPlain = computes(.update, update.parameter) && update.isContiguousInPlace
            let row = ParameterUpdate(
                update.parameter, isPlain ? copied(update.gradient) : update.gradient.strided, first: update.first,
                second: update.second, shadow: update.shadow, step: update.step)
            if isPlain {
                self.update(kind, [row], options)
            } else {
                elsewhere(.update, update.parameter.dtype).update(kind, [row], options)
            }
        }
    }

    extension DeviceBuffer {
        fileprivate var halves: UnsafeMutablePointer<UInt16> { pointer.assumingMemoryBound(to: UInt16.self) }
    }

    extension ParameterUpdate {
        /// Whether all that is written has its elements in row-major order.
        fileprivate var isContiguousInPlace: Bool {
            parameter.isContiguous && first?.isContiguous ?? true && second?.isContiguous ?? true
                && shadow.map { $0.isContiguous && $0.dtype == .bfloat16 } ?? true
        }
    }
#endif
