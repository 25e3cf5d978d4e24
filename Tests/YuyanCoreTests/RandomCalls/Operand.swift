import YuyanBackend
import YuyanCore

/// How an operand is made of another tensor.
enum View: CustomStringConvertible {
    /// `count` slices, every `step`-th, from `start` on.
    struct Slice {
        let start, count, step: Int
        /// Behind the last one.
        var end: Int { count == 0 ? start : start + (count - 1) * step + 1 }
    }

    case permuted([Int])
    case sliced([Slice])
    case broadcast([Int])
    case reshaped([Int])
    /// Through a convolution that changes nothing but the layout: images come out as the device has them.
    case convolved(kernelSize: Int)

    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .permuted(let order): return x.permuted(order)
        case .sliced(let slices):
            return subscripted(x, slices.map { AxisIndex.slice(from: $0.start, to: $0.end, by: $0.step) })
        case .broadcast(let shape): return x.broadcast(to: Shape(shape))
        case .reshaped(let shape): return x.reshaped(shape)
        case .convolved(let size):
            let count = x.shape[1]
            var weight = Tensor.zeros([count, count, size, size])
            for channel in 0..<count { weight[channel, channel, size / 2, size / 2] = 1 }
            return conv2D(x, weight: weight, padding: Size2D(size / 2))
        }
    }

    var description: String {
        switch self {
        case .permuted(let order): ".permuted(\(order))"
        case .sliced(let slices): "[\(slices.map { "\($0.start)..<\($0.end) by \($0.step)" }.joined(separator: ", "))]"
        case .broadcast(let shape): ".broadcast(to: \(shape))"
        case .reshaped(let shape): ".reshaped(\(shape))"
        case .convolved(let size): " through a convolution of \(size) × \(size)"
        }
    }
}

/// An operand of a call, which can be made on either device.
struct Operand: CustomStringConvertible {
    private enum Source {
        case drawn(HostArray, [View])
        case given(Given)
    }
    private let source: Source

    init(_ array: HostArray, _ steps: [View]) { source = .drawn(array, steps) }
    init(_ given: Given) { source = .given(given) }

    var isGiven: Bool { if case .given = source { true } else { false } }

    /// The operand on the current device.
    var tensor: Tensor {
        switch source {
        case .drawn(let array, let steps): steps.reduce(Tensor(array)) { $1($0) }
        case .given(let given): Device.current == .reference ? given.reference : given.tested
        }
    }

    var description: String {
        switch source {
        case .drawn(let array, let steps):
            let views = steps.map { "\($0)" }.joined()
            return "\(array.dtype) \(array.shape)\(views)\(Operand.elements(Tensor(array, on: .reference)))"
        case .given(let given):
            return "the result before, \(given.tested.dtype) \(given.tested.shape) in layout "
                + "\(given.tested.buffer.layout)\(Operand.elements(given.reference))"
        }
    }

    /// The first elements.
    private static func elements(_ x: Tensor) -> String {
        let elements = x.array(of: Double.self)
        return " = \(elements.prefix(12).map { "\($0)" }.joined(separator: ", "))\(elements.count > 12 ? ", …" : "")"
    }
}

extension Tensor {
    fileprivate init(_ array: HostArray, on device: Device) { self = withDevice(device) { Tensor(array) } }
}

/// `x[…]` with indices in an array, which Swift does not spread over the arguments.
func subscripted(_ x: Tensor, _ i: [any TensorIndex]) -> Tensor {
    switch i.count {
    case 0: x
    case 1: x[i[0]]
    case 2: x[i[0], i[1]]
    case 3: x[i[0], i[1], i[2]]
    case 4: x[i[0], i[1], i[2], i[3]]
    case 5: x[i[0], i[1], i[2], i[3], i[4]]
    case 6: x[i[0], i[1], i[2], i[3], i[4], i[5]]
    case 7: x[i[0], i[1], i[2], i[3], i[4], i[5], i[6]]
    default: x[i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7]]
    }
}

/// `x[…] = value`.
func assign(_ value: Tensor, to x: inout Tensor, _ i: [any TensorIndex]) {
    switch i.count {
    case 1: x[i[0]] = value
    case 2: x[i[0], i[1]] = value
    case 3: x[i[0], i[1], i[2]] = value
    case 4: x[i[0], i[1], i[2], i[3]] = value
    case 5: x[i[0], i[1], i[2], i[3], i[4]] = value
    case 6: x[i[0], i[1], i[2], i[3], i[4], i[5]] = value
    case 7: x[i[0], i[1], i[2], i[3], i[4], i[5], i[6]] = value
    default: x[i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7]] = value
    }
}
