import Testing
import Yuyan
import YuyanBackend

#if OneDNN
    /// Every step has a length of its own. In processes of their own: the memory of the whole process is counted.
    @Suite struct VaryingLengthTests {
        /// A step of a small network over a sequence; returns its loss.
        private static func makeStep() -> (Int) -> Double {
            let embedding = Sequential(
                Linear(inputSize: 16, outputSize: 256), Tanh(), Linear(inputSize: 256, outputSize: 8))
            let convolution = Conv2D(inputChannels: 8, outputChannels: 4, kernelSize: [1, 3], padding: [0, 1])
            let output = Linear(inputSize: 4, outputSize: 10)
            let parameters = embedding.parameters() + convolution.parameters() + output.parameters()
            return { length in
                for parameter in parameters { parameter.gradient = nil }
                let words = embedding(withSeed(UInt64(length)) { Tensor.normal([length, 16]) })
                let image = words.transposed().reshaped([1, 8, 1, length])
                let features = convolution(image).relu().reshaped([4, length]).transposed()
                let loss = (output(features).softmax(axis: 1) * 0.5).squared().mean()
                loss.backward()
                return loss.item()
            }
        }

        /// 1,000 lengths in random order, twice: neither memory nor primitives pile up.
        @Test func aThousandLengthsKeepMemoryBounded() async {
            await #expect(processExitsWith: .success) {
                // On a busy machine two threads would wait for each other in each of the many small loops.
                ComputeThreads.count = 1
                let step = withDevice(.cpu) { VaryingLengthTests.makeStep() }
                var random = Generator(seed: 1)
                _ = withDevice(.cpu) { step(1000) }
                let largest = MemoryStatistics.current
                func pass() -> (losses: [Int: Double], memory: MemoryStatistics) {
                    var losses: [Int: Double] = [:]
                    for length in (1...1000).shuffled(using: &random) {
                        losses[length] = withDevice(.cpu) { step(length) }
                    }
                    return (losses, MemoryStatistics.current)
                }
                let (first, second) = (pass(), pass())
                // A primitive that was forgotten and made again computes the same.
                #expect(first.losses == second.losses)
                #expect(first.losses.values.allSatisfy { $0.isFinite })
                #expect(second.memory.peakBytesInUse <= largest.peakBytesInUse + 4096)
                #expect(first.memory.bytesReserved <= 2 * largest.peakBytesInUse)
                #expect(second.memory.bytesReserved - first.memory.bytesReserved <= 1 << 18)
                // Convolutions of 1,000 sizes, and their gradients.
                #expect((500...1024).contains(CPUBackend.primitiveCache.count))
                #expect(CPUBackend.primitiveCache.byteCount <= 256 << 20)
            }
        }
    }
#endif
