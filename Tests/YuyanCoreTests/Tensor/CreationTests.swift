import Testing
import YuyanBackend
import YuyanCore

@Suite struct CreationTests {
    @Test func literalsTakeTheTypeThatHoldsAllNumbers() {
        let integers: Tensor = [[1, 2, 3], [4, 5, 6]]
        expectElements(integers, [2, 3], [1, 2, 3, 4, 5, 6] as [Int])
        let mixed: Tensor = [[1, 2], [3, 4.5]]
        expectElements(mixed, [2, 2], [1, 2, 3, 4.5] as [Float])
        let flags: Tensor = [true, false]
        expectElements(flags, [2], [true, false])
        let cube: Tensor = [[[1.0]], [[2.0]]]
        expectElements(cube, [2, 1, 1], [1, 2] as [Float])
        let scalar: Tensor = 2.5
        expectElements(scalar, [], [2.5] as [Float])
        let empty: Tensor = []
        #expect(empty.shape == [0])
    }

    @Test func arraysKeepTheirType() {
        expectElements(Tensor([1, 2] as [Int32]), [2], [1, 2] as [Int32])
        expectElements(Tensor([1, 2] as [UInt8]), [2], [1, 2] as [UInt8])
        expectElements(Tensor([[1, 2], [3, 4], [5, 6]]), [3, 2], [1, 2, 3, 4, 5, 6] as [Int])
        expectElements(Tensor([1, 2], dtype: .float32), [2], [1, 2] as [Float])
        expectElements(Tensor([1, 2, 3, 4], shape: [2, 1, 2]), [2, 1, 2], [1, 2, 3, 4] as [Int])
        #expect(Tensor(3).dtype == .int64)
        #expect(Tensor([Float]()).shape == [0])
        expectElements(Tensor(BFloat16(1.5)), [], [BFloat16(1.5)])
    }

    @Test func doublesBecomeFloat32UnlessAskedFor() {
        let third = 1.0 / 3
        expectElements(Tensor(3.5), [], [3.5] as [Float])
        expectElements(Tensor(third), [], [Float(third)])
        expectElements(Tensor([third, 2]), [2], [Float(third), 2])
        expectElements(Tensor([[third], [2]]), [2, 1], [Float(third), 2])
        expectElements(Tensor([third, 2], shape: [1, 2]), [1, 2], [Float(third), 2])
        func generic<Element: TensorElement>(_ elements: [Element]) -> Tensor { Tensor(elements) }
        expectElements(generic([third]), [1], [Float(third)])
        expectElements(Tensor([1e300, -.infinity]), [2], [.infinity, -.infinity] as [Float])

        expectElements(Tensor(third, dtype: .float64), [], [third])
        expectElements(Tensor([third, 2], dtype: .float64), [2], [third, 2])
        expectElements(Tensor([[third], [2]], dtype: .float64), [2, 1], [third, 2])
        expectElements(Tensor([third, 2], shape: [2, 1], dtype: .float64), [2, 1], [third, 2])
        expectElements(Tensor([2.9, -2.9], dtype: .int64), [2], [2, -2] as [Int])
    }

    @Test func constants() {
        expectElements(.zeros([2, 2]), [2, 2], [0, 0, 0, 0] as [Float])
        expectElements(.ones([3], dtype: .int32), [3], [1, 1, 1] as [Int32])
        expectElements(.full([2], 2.5, dtype: .float64), [2], [2.5, 2.5] as [Double])
        expectElements(.eye(2), [2, 2], [1, 0, 0, 1] as [Float])
        let x = Tensor([[1, 2], [3, 4]], dtype: .float64)
        expectElements(.zeros(like: x), [2, 2], [0, 0, 0, 0] as [Double])
        expectElements(.ones(like: x), [2, 2], [1, 1, 1, 1] as [Double])
        expectElements(.full(like: x, 7), [2, 2], [7, 7, 7, 7] as [Double])
    }

    @Test func sequences() {
        expectElements(.arange(4), [4], [0, 1, 2, 3] as [Int])
        expectElements(.arange(2, 10, step: 3), [3], [2, 5, 8] as [Int])
        expectElements(.arange(5, 0, step: -2), [3], [5, 3, 1] as [Int])
        expectElements(.arange(3, 3), [0], [] as [Int])
        expectElements(.arange(4, dtype: .float32), [4], [0, 1, 2, 3] as [Float])
        #expect(Tensor.arange(-8.0, 8.0, step: 0.1).shape == [160])
        #expect(Tensor.arange(-7.0, 7.0, step: 0.01).shape == [1400])
        #expect(Tensor.arange(0.0, 1.0, step: 0.1).shape == [10])
        #expect(Tensor.arange(1.0, 0.0).shape == [0])
        expectElements(.linspace(0, 1, count: 5), [5], [0, 0.25, 0.5, 0.75, 1] as [Float])
        expectElements(.linspace(3, 9, count: 1), [1], [3] as [Float])
        #expect(Tensor.linspace(0, 0.7, count: 8, dtype: .float64)[-1].item() == 0.7)
        #expect(Tensor.arange(0.1, 0.5, step: 0.3, dtype: .float64)[0].item() == 0.1)
    }
}

@Suite struct RandomTests {
    @Test func sameSeedGivesTheSameNumbers() {
        let draw = { (seed: UInt64) in withSeed(seed) { Tensor.normal([100]).array(of: Float.self) } }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        withSeed(1) {
            let (first, second) = (Tensor.uniform([8]), Tensor.uniform([8]))
            #expect(first.array(of: Float.self) != second.array(of: Float.self))
        }
    }

    /// As `withSeed`, but for all that follows in the scope of the generator.
    @Test func manualSeedStartsTheCurrentGeneratorAnew() {
        let draw = { Tensor.normal([100]).array(of: Float.self) }
        let expected = withSeed(1) { [draw(), draw()] }
        let outer = Generator(seed: 7)
        withGenerator(outer) {
            withSeed(3) {
                _ = draw()
                manualSeed(1)
                #expect([draw(), draw()] == expected)
                #expect(Generator.current.state == Generator.State(seed: 1, draws: 2))
            }
            #expect(outer.state == Generator.State(seed: 7))
            _ = draw()
            manualSeed(1)
            #expect([draw(), draw()] == expected)
        }
        #expect(outer.state == Generator.State(seed: 1, draws: 2))
    }

    @Test func stateContinuesTheSequence() {
        let generator = Generator(seed: 3)
        _ = withGenerator(generator) { Tensor.uniform([5]) }
        let state = generator.state
        let expected = withGenerator(generator) { Tensor.uniform([5]).array(of: Float.self) }
        let resumed = Generator(seed: 0)
        resumed.state = state
        #expect(withGenerator(resumed) { Tensor.uniform([5]).array(of: Float.self) } == expected)
    }

    @Test func uniformFillsItsRange() {
        let x = withSeed(5) { Tensor.uniform([100_000], in: -1..<3) }
        let values = x.array(of: Float.self)
        #expect(values.allSatisfy { (-1..<3).contains($0) })
        #expect(abs(x.mean().item() - 1) < 0.02)
        #expect(abs(x.variance().item() - 16.0 / 12) < 0.02)
    }

    @Test func normalHasItsMoments() {
        let x = withSeed(6) { Tensor.normal([100_000], mean: 2, standardDeviation: 0.5) }
        #expect(abs(x.mean().item() - 2) < 0.01)
        #expect(abs(x.standardDeviation().item() - 0.5) < 0.01)
        let z = (x - 2) / 0.5
        #expect(abs(z.pow(3).mean().item()) < 0.05)
        #expect(abs(z.pow(4).mean().item() - 3) < 0.1)
    }

    @Test func normalTakesTensors() {
        let mean = Tensor([[0], [100]] as [[Float]])
        let deviation = Tensor([1, 2, 3] as [Float])
        let x = withSeed(7) { Tensor.normal(mean: mean, standardDeviation: deviation) }
        #expect(x.shape == [2, 3])
        #expect((x - mean).abs().max().item() < 20)
    }

    @Test func bernoulliAndPermutation() {
        let flags = withSeed(8) { Tensor.bernoulli([100_000], probability: 0.2) }
        #expect(flags.dtype == .bool)
        #expect(abs(flags.mean().item() - 0.2) < 0.01)
        #expect(!Tensor.bernoulli([10], probability: 0).any())
        #expect(Tensor.bernoulli([10], probability: 1).all())

        let order = withSeed(9) { Tensor.permutation(1000).array(of: Int.self) }
        #expect(order.sorted() == Array(0..<1000))
        #expect(order != Array(0..<1000))
        #expect(withSeed(9) { Tensor.permutation(1000).array(of: Int.self) } == order)
    }

    @Test func devicesDrawTheSameNumbers() {
        let draw = { (device: Device) in withSeed(4) { Tensor.uniform([1000], device: device).array(of: Float.self) } }
        #expect(draw(.current) == draw(.reference))
        let order = { (device: Device) in withSeed(4) { Tensor.permutation(100, device: device).array(of: Int.self) } }
        #expect(order(.current) == order(.reference))
        let normal = { (device: Device) in withSeed(4) { Tensor.normal([1000], device: device).to(.reference) } }
        expectClose(normal(.current), normal(.reference))
    }
}
