import Foundation
import Testing
import Yuyan

/// PyTorch's results of the book's convolutional networks, made by References/networks.py.
struct NetworkReference {
    /// What one network was made and trained with.
    struct Settings: Decodable {
        var learningRate: Double
        /// The shape of the batch.
        var images: [Int]
        /// Those of the state, in PyTorch's order.
        var names: [String]
        var shapes: [[Int]]
    }

    let name: String
    let settings: Settings
    private let tensors: [String: Tensor]

    init(_ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../References/networks.safetensors")
        let metadata = try Safetensors.read(from: file).metadata["networks"] ?? ""
        self.name = name
        tensors = try Safetensors.load(from: file)
        settings = try #require(try JSONDecoder().decode([String: Settings].self, from: Data(metadata.utf8))[name])
    }

    /// Numbers in [0, 1) that depend on the place and the stream alone: the script's `uniform`.
    static func uniform(_ shape: [Int], stream: Int) -> [Double] {
        (0..<shape.reduce(1, *)).map { index in
            var x = UInt32(truncatingIfNeeded: index + 1_000_003 * (stream + 1))
            x &*= 2_654_435_761
            x ^= x >> 16
            x &*= 2_246_822_519
            x ^= x >> 13
            return Double(x) / 4_294_967_296
        }
    }

    /// The state that the script begins with: what `weights` there makes of PyTorch's names and shapes.
    var start: [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (stream, (name, shape)) in zip(settings.names, settings.shapes).enumerated() {
            let numbers = Self.uniform(shape, stream: stream)
            let values: [Double]
            switch name.split(separator: ".").last {
            case "running_mean", "num_batches_tracked": values = numbers.map { _ in 0 }
            case "running_var": values = numbers.map { _ in 1 }
            case "weight" where shape.count > 1:
                let bound = (6 / Double(shape[1...].reduce(1, *))).squareRoot()
                values = numbers.map { ($0 * 2 - 1) * bound }
            case "weight": values = numbers.map { $0 + 0.5 }
            default: values = numbers.map { $0 * 0.2 - 0.1 }
            }
            state[name] = Tensor(values.map { Float($0) }).reshaped(shape)
        }
        return state
    }

    var images: Tensor {
        Tensor(Self.uniform(settings.images, stream: 1000).map { Float($0) }).reshaped(settings.images)
    }

    var labels: Tensor { Tensor((0..<settings.images[0]).map { Int64($0 * 3 % 10) }) }

    /// A stored result, as numbers in row-major order.
    func numbers(_ key: String, _ dtype: DType) throws -> [Double] {
        try #require(tensors["\(name)/\(dtype)/\(key)"], "\(name)/\(dtype)/\(key)").array(of: Double.self)
    }

    /// The script's `digest`: norm, sum with signs in turn, and first, middle and last element.
    static func digest(_ tensor: Tensor) -> [Double] {
        let flat = tensor.array(of: Double.self)
        let norm = flat.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let sum = flat.enumerated().reduce(0) { $0 + ($1.offset.isMultiple(of: 2) ? $1.element : -$1.element) }
        return [norm, sum, flat[0], flat[flat.count / 2], flat[flat.count - 1]]
    }
}
