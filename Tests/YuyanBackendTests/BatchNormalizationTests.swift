import Testing
import YuyanBackend

@Suite struct ReferenceBatchNormalizationTests {
    @Test func smallNumbersByHand() {
        // Means 2 and 6, variances 1 and 4; ε = 0 leaves the roots whole.
        let x = reference.buffer([1, 4, 3, 8] as [Double], [2, 2])
        let scale = reference.buffer([10, 100] as [Double])
        let offset = reference.buffer([1, 2] as [Double])
        let found = reference.batchNorm(x, scale: scale, offset: offset, given: nil, epsilon: 0)
        #expect(elements(found.output, as: Double.self) == [-9, -98, 11, 102])
        #expect(elements(found.mean, as: Double.self) == [2, 6])
        #expect(elements(found.variance, as: Double.self) == [1, 4])
        #expect(elements(found.saved, as: Double.self) == [2, 6, 1, 0.5])
        let given = ChannelStatistics(
            mean: reference.buffer([0, 4] as [Double]), variance: reference.buffer([4, 16] as [Double]))
        let other = reference.batchNorm(x, scale: nil, offset: nil, given: given, epsilon: 0)
        #expect(elements(other.output, as: Double.self) == [0.5, 0, 1.5, 1])
    }
}

#if OneDNN
    @Suite struct CPUBatchNormalizationTests {
        /// Few and many channels, below and above the width of vectors and the size where parallel loops begin.
        static let shapes: [Shape] = [
            [2, 1], [7, 3], [5, 40], [3000, 17], [4, 3, 9], [3, 1, 70], [6, 5, 1, 1], [2, 16, 7, 5], [3, 6, 28, 28],
            [70, 1, 5, 9], [4, 33, 30, 31], [1, 64, 40, 20], [2, 3, 2, 5, 4], [0, 3, 2, 2], [2, 0, 3, 3],
        ]

        private func column(_ count: Int, _ seed: UInt64) -> DeviceBuffer { randomBuffer([count], seed: seed) }

        @Test(arguments: shapes, [true, false]) func isThatOfReference(_ shape: Shape, _ isOfBatch: Bool) {
            let channels = shape[1]
            let x = randomBuffer(shape, low: 2, high: 5)
            let gradient = randomBuffer(shape, seed: 2, low: -1, high: 2)
            let (scale, offset) = (column(channels, 3), column(channels, 4))
            let given = ChannelStatistics(mean: column(channels, 5), variance: cpu.unary(.square, column(channels, 6)))
            let wideGiven = ChannelStatistics(mean: wide(given.mean), variance: wide(given.variance))
            let expected = reference.batchNorm(
                wide(x), scale: wide(scale), offset: wide(offset), given: isOfBatch ? nil : wideGiven, epsilon: 1e-3)
            let slopes = reference.batchNormGradient(
                wide(gradient), wide(x), scale: wide(scale), saved: expected.saved, isOfBatch: isOfBatch,
                wanted: [.input, .scale, .offset])
            for (name, buffer) in arrangements(of: x) {
                let title = "\(shape), \(isOfBatch), \(name)"
                let found = cpu.batchNorm(
                    buffer, scale: scale, offset: offset, given: isOfBatch ? nil : given, epsilon: 1e-3)
                expectClose(found.output, expected.output, relative: 1e-5, absolute: 1e-5, title)
                expectClose(found.mean, expected.mean, relative: 1e-6, "mean, \(title)")
                expectClose(found.variance, expected.variance, relative: 1e-6, "variance, \(title)")
                for (otherName, g) in arrangements(of: gradient) {
                    let title = "\(title) and \(otherName)"
                    let gradients = cpu.batchNormGradient(
                        g, buffer, scale: scale, saved: found.saved, isOfBatch: isOfBatch,
                        wanted: [.input, .scale, .offset])
                    expectClose(gradients.input!, slopes.input!, relative: 1e-5, absolute: 1e-5, "input, \(title)")
                    // Sums of n terms of either sign.
                    let absolute = 1e-6 * Double(max(x.elementCount, 1))
                    expectClose(gradients.scale!, slopes.scale!, relative: 1e-5, absolute: absolute, "scale, \(title)")
                    expectClose(
                        gradients.offset!, slopes.offset!, relative: 1e-5, absolute: absolute, "offset, \(title)")
                }
            }
        }

        @Test func blocksOfChannels() {
            let (n, c, h, w, block) = (3, 32, 9, 7, 16)
            let shape: Shape = [n, c, h, w]
            let x = randomBuffer(shape)
            let gradient = randomBuffer(shape, seed: 2)
            func blocked(_ x: DeviceBuffer) -> DeviceBuffer {
                let result = DeviceBuffer(shape, .float32, on: .cpu, layout: .channelBlocks(block))
                cpu.copy(x, into: result)
                return result
            }
            func isInBlocks(_ x: DeviceBuffer) -> Bool {
                if case .channelBlocks(block) = x.layout { return true }
                return false
            }
            let scale = column(c, 3)
            let expected = reference.batchNorm(wide(x), scale: wide(scale), offset: nil, given: nil, epsilon: 1e-5)
            let slopes = reference.batchNormGradient(
                wide(gradient), wide(x), scale: wide(scale), saved: expected.saved, isOfBatch: true,
                wanted: [.input, .scale])
            let found = cpu.batchNorm(blocked(x), scale: scale, offset: nil, given: nil, epsilon: 1e-5)
            #expect(isInBlocks(found.output))
            expectClose(cpu.copied(found.output), expected.output, relative: 1e-5, absolute: 1e-5, "output")
            for g in [gradient, blocked(gradient), channelsLast(gradient)] {
                let gradients = cpu.batchNormGradient(
                    g, blocked(x), scale: scale, saved: found.saved, isOfBatch: true, wanted: [.input, .scale])
                #expect(isInBlocks(gradients.input!))
                #expect(gradients.offset == nil)
                expectClose(cpu.copied(gradients.input!), slopes.input!, relative: 1e-5, absolute: 1e-5, "input")
                expectClose(gradients.scale!, slopes.scale!, relative: 1e-5, absolute: 1e-4, "scale")
            }
        }

        /// The deviations are a hundred-thousandth of the mean and less: far below what float sums of squares keep.
        @Test(arguments: [[4096, 3], [16, 3, 16, 16], [8, 16, 20, 20]])
        func aMeanFarFromZero(_ sizes: [Int]) {
            let shape = Shape(sizes)
            let x = cpu.binary(.add, randomBuffer(shape, low: -0.1, high: 0.1), scalar: 10_000, scalarIsLeft: false)
            let expected = reference.batchNorm(wide(x), scale: nil, offset: nil, given: nil, epsilon: 1e-5)
            for (name, buffer) in arrangements(of: x) {
                let found = cpu.batchNorm(buffer, scale: nil, offset: nil, given: nil, epsilon: 1e-5)
                expectClose(found.output, expected.output, relative: 1e-5, absolute: 1e-5, name)
                expectClose(found.variance, expected.variance, relative: 1e-6, name)
            }
        }

        @Test func theSameBitsForAnyNumberOfThreads() {
            let count = CPUBackend.threadCount
            defer { CPUBackend.threadCount = count }
            for x in [randomBuffer([64, 3, 40, 40]), channelsLast(randomBuffer([64, 6, 40, 40]))] {
                func compute(_ threads: Int) -> [[Float]] {
                    CPUBackend.threadCount = threads
                    let found = cpu.batchNorm(x, scale: nil, offset: nil, given: nil, epsilon: 1e-5)
                    let gradients = cpu.batchNormGradient(
                        found.output, x, scale: nil, saved: found.saved, isOfBatch: true,
                        wanted: [.input, .scale, .offset])
                    return [found.output, gradients.input!, gradients.scale!, gradients.offset!].map {
                        cpu.elements($0, as: Float.self)
                    }
                }
                #expect(compute(1) == compute(2))
            }
        }

        @Test func notANumberAndInfinityStayInTheirChannel() {
            var values = counting(24) as [Float]
            values[0] = .nan
            values[13] = .infinity
            let x = cpu.buffer(values, [8, 3])
            let found = cpu.batchNorm(x, scale: nil, offset: nil, given: nil, epsilon: 1e-5)
            let expected = reference.batchNorm(wide(x), scale: nil, offset: nil, given: nil, epsilon: 1e-5)
            expectClose(found.output, expected.output, relative: 1e-5, absolute: 1e-5, "output")
            let output = cpu.elements(found.output, as: Float.self)
            #expect(output.indices.allSatisfy { output[$0].isNaN == ($0 % 3 != 2) })
        }
    }
#endif
