#if OneDNN
    import COneDNN
    import Glibc

    extension CPUBackend {
        /// Runs a pass of a convolution with the kernel that the rule names, or, if kernels are tuned, the faster one.
        func withChosenKernel<Result>(
            _ pass: TunedConvolution.Pass, _ input: Shape, _ weight: Shape, _ sizes: yuyan_convolution,
            _ run: (KernelChoices.Kernel) -> Result
        ) -> Result {
            guard sizes.hasWinogradKernel else { return run(.direct) }
            let convolution = TunedConvolution(
                pass: pass, input: input, weight: weight,
                padding: [Int32(sizes.padding_height), Int32(sizes.padding_width)], hasBias: sizes.has_bias != 0,
                dtype: sizes.isHalf ? .bfloat16 : .float32)
            return run(
                convolution.kernel(rule: sizes.isFasterByWinograd(pass) ? .winograd : .direct) {
                    Reorders.uncounted { fasterKernel(run) }
                })
        }

        /// Times both kernels in turns.
        private func fasterKernel<Result>(_ run: (KernelChoices.Kernel) -> Result) -> KernelChoices.Kernel {
            func time(_ kernel: KernelChoices.Kernel) -> Int {
                let start = nanoseconds()
                _ = run(kernel)
                return nanoseconds() - start
            }
            // The first runs build oneDNN's kernel and fetch the memory.
            _ = (time(.winograd), time(.direct))
            var (direct, winograd) = (Int.max, Int.max)
            let start = nanoseconds()
            for round in 0..<8 where round < 5 || nanoseconds() - start < 200_000_000 {
                direct = min(direct, time(.direct))
                winograd = min(winograd, time(.winograd))
            }
            return winograd < direct ? .winograd : .direct
        }

        private func nanoseconds() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
    }
#endif
