import Testing
import YuyanBackend
import YuyanCore

@Suite struct BackwardTests {
    @Test func gradientsAddUpUntilTheyAreCleared() {
        let x = Parameter(.arange(4, dtype: .float32))
        let y = 2 * x.tensor.matmul(x)
        #expect(y.item() == 28)
        y.backward()
        expectElements(x.gradient!, [4], [0, 4, 8, 12] as [Float])
        x.tensor.sum().backward()
        expectElements(x.gradient!, [4], [1, 5, 9, 13] as [Float])
        x.gradient = nil
        x.tensor.sum().backward()
        expectElements(x.gradient!, [4], [1, 1, 1, 1] as [Float])
    }

    @Test func detachedTensorsAreConstants() {
        let x = Parameter(.arange(4, dtype: .float32))
        let y = x * x
        let u = y.detached()
        (u * x).sum().backward()
        expectElements(x.gradient!, [4], [0, 1, 4, 9] as [Float])
        x.gradient = nil
        y.sum().backward()
        expectElements(x.gradient!, [4], [0, 2, 4, 6] as [Float])
    }

    @Test(arguments: [0.3, -1.7, 250])
    func controlFlowIsFollowed(_ start: Double) {
        let a = Parameter(Tensor(Float(start)))
        var b = a * 2
        while b.norm().item() < 1000 { b = b * 2 }
        let c = b.sum().item() > 0 ? b : 100 * b
        c.backward()
        expectClose(a.gradient!, c.detached() / a.value)
    }

    @Test func explicitGradientsWeighTheElements() {
        let x = Parameter(.arange(4, dtype: .float32))
        x.tensor.squared().backward(.ones([4]))
        expectElements(x.gradient!, [4], [0, 2, 4, 6] as [Float])
        x.gradient = nil
        x.tensor.squared().backward(Tensor([1, 0, 0, 10]))
        expectElements(x.gradient!, [4], [0, 0, 0, 60] as [Float])
    }

    @Test func retainedGraphsCanBeSweptAgain() {
        let x = Parameter(Tensor([3] as [Float]))
        let y = x.tensor.squared().sum()
        y.backward(retainGraph: true)
        y.backward(retainGraph: true)
        y.backward()
        expectElements(x.gradient!, [1], [18] as [Float])
    }

    @Test func recordedGradientsCanBeDifferentiated() {
        let x = Parameter(Tensor(2.0))
        x.tensor.pow(3).backward(recordGraph: true)
        let slope = x.gradient!
        #expect(slope.item() == 12)
        #expect(slope.isRecorded)
        x.gradient = nil
        slope.backward()
        #expect(x.gradient!.item() == 12)
    }

    @Test func valuesUsedTwiceCollectBoth() {
        let x = Parameter(Tensor([2, 3] as [Float]))
        let y = x.tensor.exp()
        let z = y * y + y
        z.sum().backward()
        let e = x.value.exp()
        expectClose(x.gradient!, 2 * e * e + e, tolerance: Tolerance.of(.float32).gradient)
    }

    @Test func broadcastOperandsCollectSums() {
        let (row, column) = (Parameter(.ones([3])), Parameter(.ones([2, 1])))
        (row * column * Tensor([[1, 2, 3], [4, 5, 6]])).sum().backward()
        expectElements(row.gradient!, [3], [5, 7, 9] as [Float])
        expectElements(column.gradient!, [2, 1], [6, 15] as [Float])
    }

    @Test func frozenParametersCollectNothing() {
        let (x, w) = (Parameter(Tensor([2] as [Float])), Parameter(Tensor([5] as [Float])))
        w.requiresGradient = false
        (x * w).sum().backward()
        expectElements(x.gradient!, [1], [5] as [Float])
        #expect(w.gradient == nil)
        #expect(!(w * 2).isRecorded)
    }

    @Test func gradientsFollowTheElementType() {
        let x = Parameter(Tensor([1, 2], dtype: .float64))
        (x.tensor.cast(to: .float32) * 3).sum().backward()
        expectElements(x.gradient!, [2], [3, 3] as [Double])
        #expect(!x.tensor.cast(to: .int64).isRecorded)
    }

    @Test func parametersUpdateInPlace() {
        let w = Parameter(Tensor([1, 2] as [Float]))
        let before = w.value
        (w * w).sum().backward()
        w.value -= 0.5 * w.gradient!
        expectElements(w.value, [2], [0, 0] as [Float])
        expectElements(before, [2], [1, 2] as [Float])
        w.value = w * 3
        #expect(!w.value.isRecorded)
    }

    @Test func gradientsDoNotAliasOneAnother() {
        let (a, b) = (Parameter(Tensor([1] as [Float])), Parameter(Tensor([1] as [Float])))
        let sum = (a + b).sum()
        sum.backward()
        a.tensor.sum().backward()
        expectElements(a.gradient!, [1], [2] as [Float])
        expectElements(b.gradient!, [1], [1] as [Float])
    }
}

@Suite struct RecordingTests {
    private struct Interruption: Error {}

    @Test func noGradRecordsNothing() {
        let x = Parameter(Tensor([1] as [Float]))
        #expect(isRecordingGradients)
        withoutGradients {
            #expect(!isRecordingGradients)
            #expect(!(x * 2).isRecorded)
            withGradients {
                #expect((x * 2).isRecorded)
                withoutGradients { #expect(!(x * 2).isRecorded) }
                #expect(isRecordingGradients)
            }
            #expect(!isRecordingGradients)
        }
        #expect((x * 2).isRecorded)
    }

    @Test func recordingIsRestoredAfterAnError() {
        #expect(throws: Interruption.self) { try withoutGradients { throw Interruption() } }
        #expect(isRecordingGradients)
    }

    @Test func devicesAreChosenForABlock() {
        withDevice(.reference) { #expect(Tensor.zeros([1]).device == .reference) }
        #expect(Tensor.zeros([1]).device == .current)
    }
}
