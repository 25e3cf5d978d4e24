import Testing
import YuyanBackend
import YuyanCore

/// Values are of floating point, and gradients have their form: an optimizer reads and writes them as such.
@Suite struct ParameterTests {
    @Test func integersAreRefused() async {
        let created = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Parameter(Tensor([1, 2, 3]))
        }
        expectText(
            created, "Parameter: the value must be of floating point", "value = int64 [3]", "cast(to: .float32)",
            "ParameterTests.swift:")
        let assigned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.ones([2]))
            p.value = Tensor([true, false])
        }
        expectText(assigned, "Parameter: the value must be of floating point", "value = bool [2]")
    }

    @Test func valuesMayTakeAnotherForm() {
        let p = Parameter(.ones([2]))
        p.value = .ones([3], dtype: .float64)
        (p * 2).sum().backward()
        expectElements(p.gradient!, [3], [2, 2, 2] as [Double])
        p.value = p.value.cast(to: .bfloat16)
        #expect(p.dtype == .bfloat16)
    }

    @Test func gradientsOfAnotherForm() async {
        let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.zeros([100_000]))
            p.gradient = Tensor.ones([1])
        }
        expectText(
            shape, "gradient: it must have its parameter's shape, element type and device",
            "parameter = float32 [100000]", "gradient  = float32 [1]")
        let type = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.zeros([2]))
            p.gradient = .zeros([2], dtype: .float64)
        }
        expectText(type, "gradient: ", "parameter = float32 [2]", "gradient  = float64 [2]")
        let p = Parameter(.zeros([2]))
        p.gradient = Tensor([1.0, 2])
        p.gradient! *= 2
        expectElements(p.gradient!, [2], [2, 4] as [Float])
        p.gradient = nil
        #expect(p.gradient == nil)
    }

    @Test(.enabled(if: Device.cpu.isAvailable)) func gradientsOnAnotherDevice() async {
        let assigned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Parameter(.zeros([2])).gradient = .zeros([2], device: .other)
        }
        expectText(assigned, "gradient: ", "on cpu", "on reference")
        let seed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            Parameter(.ones([2])).tensor.exp().backward(.ones([2], device: .other))
        }
        expectText(seed, "backward: the gradient is on ", "move it with to(.")
    }

    @Test func gradientsOfAValueThatWasReplaced() async {
        let summed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.ones([100_000]))
            p.sum().backward()
            p.value = .ones([1])
            p.sum().backward()
        }
        expectText(
            summed, "backward: a parameter's gradient cannot be added to the one it has", "it has = float32 [100000]",
            "new    = float32 [1]", "zeroGradients()")
        let cast = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.ones([2]))
            p.sum().backward()
            p.value = p.value.cast(to: .float64)
            p.sum().backward(recordGraph: true)
        }
        expectText(cast, "float32 [2]", "float64 [2]", "zeroGradients()")
    }

    @Test func stepsOfAValueThatWasReplaced() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let p = Parameter(.ones([2]))
            p.sum().backward()
            p.value = .ones([100_000])
            var updates = ParameterUpdates(.gradientDescent, UpdateOptions(learningRate: 1), capacity: 1)
            updates.add(p)
        }
        expectText(
            result, "step: a gradient must have its parameter's shape, element type and device",
            "parameter = float32 [100000]", "gradient  = float32 [2]", "zeroGradients() and backward() again")
    }
}
