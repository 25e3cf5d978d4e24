#if OneDNN
    import Foundation
    import Testing
    import YuyanBackend
    import YuyanKernels

    // Each in a process of its own: choices belong to the process, and tests that resume a training replace them.
    @Suite struct KernelChoicesTests {
        /// So small that the rule says direct.
        private static let shape: Shape = [3, 32, 15, 14]
        private static let geometry = ConvolutionGeometry(padding: [1, 1])

        private static var mine: [String: KernelChoices.Kernel] {
            KernelChoices.current.kernels.filter { $0.key.contains("[3, 32, 15, 14]") }
        }

        private static func run() -> (
            output: DeviceBuffer, input: DeviceBuffer, weight: DeviceBuffer, implementations: [String]
        ) {
            let x = randomBuffer(shape, seed: 1)
            let w = randomBuffer([48, 32, 3, 3], seed: 2, low: -0.1, high: 0.1)
            var implementations: [String] = []
            let y = cpu.convolution(x, w, bias: nil, geometry, activation: nil)
            implementations.append(CPUBackend.lastImplementation)
            let g = randomBuffer(y.shape, seed: 3)
            let input = cpu.convolutionInputGradient(g, w, inputShape: shape, geometry)
            implementations.append(CPUBackend.lastImplementation)
            let weight = cpu.convolutionWeightGradient(g, x, weightShape: w.shape, geometry, includesBias: false).weight
            implementations.append(CPUBackend.lastImplementation)
            return (y, input, weight, implementations)
        }

        /// Whether each pass ran by Winograd's algorithm.
        private static func usesWinograd() -> [Bool] { run().implementations.map { $0.hasPrefix("winograd") } }

        private static func restore(_ kernel: KernelChoices.Kernel) {
            let names = [
                "forward [3, 32, 15, 14] * [48, 32, 3, 3] padding 1x1",
                "input gradient [3, 32, 15, 14] * [48, 32, 3, 3] padding 1x1",
                "weight gradient [3, 32, 15, 14] * [48, 32, 3, 3] padding 1x1",
            ]
            KernelChoices.restore(KernelChoices(kernels: Dictionary(uniqueKeysWithValues: names.map { ($0, kernel) })))
        }

        /// Without AVX2 there are no kernels to choose from.
        private static let hasKernels = yuyan_winograd_lanes() > 0

        @Test func restoredChoicesAreUsed() async {
            await #expect(processExitsWith: .success) {
                #expect(KernelChoicesTests.usesWinograd() == [false, false, false])
                KernelChoicesTests.restore(.winograd)
                let hasKernels = KernelChoicesTests.hasKernels
                #expect(KernelChoicesTests.usesWinograd() == [hasKernels, hasKernels, hasKernels])
                KernelChoicesTests.restore(.direct)
                #expect(KernelChoicesTests.usesWinograd() == [false, false, false])
            }
        }

        /// Nothing is timed, nothing remembered, and the rule knows nothing but sizes.
        @Test func withoutTuningTheRuleChooses() async {
            await #expect(processExitsWith: .success) {
                let x = randomBuffer([4, 64, 30, 29], seed: 1)
                let w = randomBuffer([64, 64, 3, 3], seed: 2, low: -0.1, high: 0.1)
                _ = cpu.convolution(x, w, bias: nil, KernelChoicesTests.geometry, activation: nil)
                #expect(CPUBackend.lastImplementation.hasPrefix("winograd_4x3:") == KernelChoicesTests.hasKernels)
                #expect(KernelChoicesTests.usesWinograd() == [false, false, false])
                #expect(KernelChoices.current.kernels.isEmpty)
            }
        }

        @Test func tunedConvolutionsAreTimedOnce() async {
            await #expect(processExitsWith: .success) {
                KernelTuning.isEnabled = true
                let first = KernelChoicesTests.run()
                let choices = KernelChoicesTests.mine
                #expect(choices.count == (KernelChoicesTests.hasKernels ? 3 : 0), "\(choices)")
                #expect(
                    choices.values.filter { $0 == .winograd }.count
                        == first.implementations.filter { $0.hasPrefix("winograd") }.count)
                // The choice holds, and with it the bits.
                let again = KernelChoicesTests.run()
                #expect(KernelChoicesTests.mine == choices)
                expectSame(again.output, first.output, as: Float.self, "output")
                expectSame(again.input, first.input, as: Float.self, "input gradient")
                expectSame(again.weight, first.weight, as: Float.self, "weight gradient")
            }
        }

        @Test func encodesAsADictionary() throws {
            let choices = KernelChoices(kernels: ["forward": .winograd, "input gradient": .direct])
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let text = String(decoding: try encoder.encode(choices), as: UTF8.self)
            #expect(text == #"{"forward":"winograd","input gradient":"direct"}"#)
            #expect(try JSONDecoder().decode(KernelChoices.self, from: Data(text.utf8)) == choices)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(KernelChoices.self, from: Data(#"{"forward":"fast"}"#.utf8))
            }
        }
    }
#endif
