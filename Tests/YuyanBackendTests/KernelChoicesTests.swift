#if OneDNN
    import Foundation
    import Testing
    import YuyanBackend

    // Each in a process of its own: choices belong to the process, and tests that resume a training replace them.
    @Suite struct KernelChoicesTests {
        /// A size that no other test has. It is too small to be timed.
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

        private static func restore(_ kernel: KernelChoices.Kernel) {
            var choices = KernelChoices.current
            for key in mine.keys { choices.kernels[key] = kernel }
            KernelChoices.restore(choices)
        }

        @Test func restoredChoicesAreUsed() async {
            await #expect(processExitsWith: .success) {
                let direct = KernelChoicesTests.run()
                #expect(KernelChoicesTests.mine.count == 3, "\(KernelChoicesTests.mine)")
                #expect(KernelChoicesTests.mine.values.allSatisfy { $0 == .direct })
                KernelChoicesTests.restore(.winograd)
                let winograd = KernelChoicesTests.run()
                KernelChoicesTests.restore(.direct)
                #expect(direct.implementations.allSatisfy { !$0.contains("wino") })
                let hasWinograd = winograd.implementations.contains { $0.contains("wino") }
                let isVersion3 = Device.oneDNNVersion?.hasPrefix("3.") ?? false
                #expect(!(isVersion3 && hasWinograd), "oneDNN 3 has no Winograd kernels")
                #expect(hasWinograd == winograd.implementations.allSatisfy { $0.contains("wino") })
                // Winograd's F(4×4, 3×3) loses about two digits: its transformations multiply by up to 8 and cancel.
                let pairs = [
                    (winograd.output, direct.output), (winograd.input, direct.input), (winograd.weight, direct.weight),
                ]
                for (found, expected) in pairs {
                    expectClose(found, wide(expected), relative: 1e-4, absolute: 5e-4, "Winograd")
                    let isSame = cpu.elements(found, as: Float.self) == cpu.elements(expected, as: Float.self)
                    #expect(isSame == !hasWinograd)
                }
            }
        }

        @Test func withoutTuningAllIsDirect() async {
            await #expect(processExitsWith: .success) {
                _ = KernelChoicesTests.run()
                KernelChoicesTests.restore(.winograd)
                KernelTuning.isDeterministic = true
                defer {
                    KernelTuning.isDeterministic = false
                    KernelChoicesTests.restore(.direct)
                }
                #expect(KernelChoicesTests.run().implementations.allSatisfy { !$0.contains("wino") })
            }
        }

        @Test func largeConvolutionsAreTimedOnce() async {
            await #expect(processExitsWith: .success) {
                let x = randomBuffer([4, 64, 30, 29], seed: 1)
                let w = randomBuffer([64, 64, 3, 3], seed: 2, low: -0.1, high: 0.1)
                func kernels() -> [String: KernelChoices.Kernel] {
                    KernelChoices.current.kernels.filter { $0.key.contains("[4, 64, 30, 29]") }
                }
                let y = cpu.convolution(x, w, bias: nil, KernelChoicesTests.geometry, activation: nil)
                #expect(kernels().count == 1)
                let usesWinograd = CPUBackend.lastImplementation.contains("wino")
                #expect(kernels().values.first == (usesWinograd ? .winograd : .direct))
                // The choice holds, and with it the bits.
                let again = cpu.convolution(x, w, bias: nil, KernelChoicesTests.geometry, activation: nil)
                expectSame(again, y, as: Float.self, "again")
                expectClose(
                    y, reference.convolution(wide(x), wide(w), bias: nil, KernelChoicesTests.geometry, activation: nil),
                    relative: 1e-4,
                    absolute: 5e-4, "tuned")
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
