#if OneDNN
    import COneDNN
    import Glibc

    extension CPUBackend {
        /// Runs a pass of a convolution with the kernel that was chosen for it, or chooses one now.
        func withChosenKernel<Result>(
            _ pass: TunedConvolution.Pass, _ input: Shape, _ weight: Shape, _ sizes: yuyan_convolution,
            _ run: (inout yuyan_convolution) -> Result
        ) -> Result {
            var sizes = sizes
            guard sizes.hasWinogradKernel else { return run(&sizes) }
            let convolution = TunedConvolution(
                pass: pass, input: input, weight: weight,
                padding: [Int32(sizes.padding_height), Int32(sizes.padding_width)], hasBias: sizes.has_bias != 0)
            let kernel = convolution.kernel {
                sizes.multiplications < CPUBackend.fewMultiplications
                    ? .direct : Reorders.uncounted { fasterKernel(sizes, run) }
            }
            sizes.uses_winograd = kernel == .winograd ? 1 : 0
            return run(&sizes)
        }

        /// Below this, some 60 µs, Winograd's transformations cost what it saves.
        private static var fewMultiplications: Int { 1 << 24 }

        /// Times both kernels in turns.
        private func fasterKernel<Result>(
            _ sizes: yuyan_convolution, _ run: (inout yuyan_convolution) -> Result
        ) -> KernelChoices.Kernel {
            func time(usesWinograd: Bool) -> Int {
                var sizes = sizes
                sizes.uses_winograd = usesWinograd ? 1 : 0
                let start = nanoseconds()
                _ = run(&sizes)
                return nanoseconds() - start
            }
            // The first runs build the kernels.
            _ = time(usesWinograd: true)
            // oneDNN 3 has none.
            guard CPUBackend.lastImplementation.contains("wino") else { return .direct }
            _ = time(usesWinograd: false)
            var (direct, winograd) = (Int.max, Int.max)
            let start = nanoseconds()
            for round in 0..<8 where round < 5 || nanoseconds() - start < 200_000_000 {
                direct = min(direct, time(usesWinograd: false))
                winograd = min(winograd, time(usesWinograd: true))
            }
            return winograd * 105 <= direct * 100 ? .winograd : .direct
        }

        private func nanoseconds() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
    }

    extension yuyan_convolution {
        /// Whether Winograd's algorithm can compute this.
        fileprivate var hasWinogradKernel: Bool {
            groups == 1 && min(input_channels, output_channels) >= 16 && kernel_height == 3 && kernel_width == 3
                && stride_height == 1 && stride_width == 1
                && dilation_height == 1 && dilation_width == 1
        }

        /// The multiplications of the direct algorithm.
        fileprivate var multiplications: Int {
            batch * output_channels * output_height * output_width * input_channels * kernel_height * kernel_width
        }
    }
#endif
