import Testing
import Yuyan
import YuyanBackend

@Suite struct DeviceTests {
    @Test func namesAndIndices() throws {
        #expect(try Device("reference") == .reference)
        #expect(try Device("reference:0") == .reference)
        #expect("\(Device.cpu)" == "cpu")
        _ = CountingDevice.device
        let second = try Device("counting:1")
        #expect(second.index == 1 && "\(second)" == "counting:1")
        #expect(second != CountingDevice.device)
        #expect(Device.available.first == .best)
        #expect(Device.available.contains(second))
    }

    @Test(arguments: ["tpu", "", "cpu:7", "cpu:-1", "cpu:x", "reference:1", "counting:2", "CPU"])
    func unknownDevicesAreErrors(_ name: String) {
        _ = CountingDevice.device
        let error = #expect(throws: DeviceError.self) { try Device(name) }
        #expect(error?.name == name)
        #expect("\(error!)".hasPrefix("\"\(name)\" is no device of this build; it has "))
        #expect(error!.known.contains("reference"))
    }

    /// Tensors on two devices of one kind do not mix, and go from one to the other.
    @Test func twoDevicesOfAKind() throws {
        let (first, second) = (CountingDevice.device, Device(CountingDevice.kind, index: 1))
        let x = Tensor([1, 2, 3], device: first)
        let y = x.to(second)
        #expect(x.device == first && y.device == second)
        #expect((y * 2).array(of: Int.self) == [2, 4, 6])
        #expect((y + x.to(second)).device == second)
    }

    @Test func memoryComesFromTheDevice() {
        let device = CountingDevice.device
        var x: Tensor?
        #expect(CountingDevice.shared.count { x = Tensor.zeros([100], device: device) }.blocks == 1)
        #expect(x?.elementCount == 100)
        #expect(CountingDevice.shared.count { x = nil }.blocks == -1)
    }

    /// Losses, lookups, masks and one-hot rows check their indices where they read them: nothing goes to the host, and the
    /// indices are read as they are.
    @Test func indicesStayOnTheDevice() {
        let table = Parameter(Tensor.uniform([5, 3]))
        let (rows, columns) = (Tensor([4, -1, 0]), Tensor([0, 2, -3]))
        let mask = Tensor([true, false, true, true, false])
        let (labels, classes, zeros) = (Tensor([0, 1, 2, 0, 1]), Tensor([1, 0, 2]), Tensor.zeros([3]))
        let recorder = Recorder { "" }
        recorder.listen {
            var sum = crossEntropy(table, labels) + table.tensor[rows].sum() + table.tensor[mask].sum()
            sum = sum + table.tensor[rows, columns].sum() + table.gathered(columns, axis: 1).sum()
            sum = sum + (oneHot(classes, classCount: 3).cast(to: .float32) * table.tensor[0..<3]).sum()
            var assigned = table.tensor
            assigned[rows] = zeros
            (sum + assigned.sum()).backward()
        }
        let names = recorder.events.map(\.name)
        #expect(names.contains("gather") && names.contains("scatter-add") && names.contains("one-hot"))
        #expect(!names.contains("download"), "\(names)")
        #expect(!names.contains("upload"), "\(names)")
    }
}
