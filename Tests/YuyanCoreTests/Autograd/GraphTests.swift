import Testing
import YuyanBackend
import YuyanCore

/// Notes how many bytes are in use when its backward pass runs.
private struct MemoryProbe: DifferentiableFunction {
    final class Reading { var bytes = 0 }
    let reading = Reading()

    func forward(_ inputs: [Tensor], _ context: FunctionContext) -> Tensor { inputs[0] * 1 }
    func backward(_ gradient: Tensor, _ context: FunctionContext) -> [Tensor?] {
        reading.bytes = MemoryStatistics.current.bytesInUse
        return [gradient]
    }
}

@Suite struct GraphTests {
    private func chain(_ x: Parameter, _ count: Int) -> Tensor {
        var y = x.tensor
        for _ in 0..<count { y = y + 1 }
        return y
    }

    @Test func aMillionOperationsAreSwept() {
        let x = Parameter(Tensor(Float(0)))
        let y = chain(x, 1_000_000)
        y.backward()
        #expect(x.gradient!.item() == 1)
    }

    @Test func aMillionOperationsAreDroppedUnswept() {
        let x = Parameter(Tensor(Float(0)))
        #expect(chain(x, 1_000_000).isRecorded)
        #expect(x.gradient == nil)
    }

    @Test func manyBranchesAreDropped() {
        // Both operands lead to the same chain: 2^100000 paths.
        let x = Parameter(Tensor(Float(1)))
        var y = x.tensor
        for _ in 0..<100_000 { y = (y + y) * 0.5 }
        #expect(y.item() == 1)
        y.backward()
        #expect(x.gradient!.item() == 1)
    }

    // The memory of the whole process is counted, so each of these runs in a process of its own.

    @Test func graphsGiveTheirMemoryBack() async {
        await #expect(processExitsWith: .success) {
            let w = Parameter(.ones([64, 64]))
            w.gradient = .zeros([64, 64])
            let before = MemoryStatistics.current.bytesInUse
            for isSwept in [true, false, true] {
                let y = w.tensor.matmul(w).exp().tanh().sum()
                if isSwept { y.backward() }
            }
            #expect(MemoryStatistics.current.bytesInUse == before)
        }
    }

    @Test(.enabled(if: !Memory.isExact)) func savedValuesAreReleasedAsTheSweepProceeds() async {
        await #expect(processExitsWith: .success) {
            let size = 1 << 20
            let x = Parameter(.zeros([size]))
            let probe = MemoryProbe()
            var y = probe(x)
            // Each keeps its result of 4 MiB.
            for _ in 0..<16 { y = y.tanh() }
            let total = y.sum()
            y = Tensor(0)
            let before = MemoryStatistics.current.bytesInUse
            total.backward()
            let released = before - probe.reading.bytes
            #expect(released >= 14 * 4 * size, "\(released) bytes were released before the last node")
        }
    }

    @Test func noGradKeepsNothing() async {
        await #expect(processExitsWith: .success) {
            let x = Parameter(.zeros([1 << 20]))
            let before = MemoryStatistics.current.bytesInUse
            let y = withoutGradients { x.tensor.exp().exp().exp() }
            #expect(MemoryStatistics.current.bytesInUse - before <= 5 << 20)
            #expect(y.shape == [1 << 20])
        }
    }

    @Test func lossesWithoutHistoryKeepMemoryConstant() async {
        await #expect(processExitsWith: .success) {
            let w = Parameter(.ones([1024]))
            var total = 0.0
            var readings: [Int] = []
            for _ in 0..<100 {
                total += (w * 2).squared().sum().item()
                readings.append(MemoryStatistics.current.bytesInUse)
            }
            #expect(total == 100 * 4 * 1024)
            #expect(Set(readings).count == 1)
        }
    }
}
