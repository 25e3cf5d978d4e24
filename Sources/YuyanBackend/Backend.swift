/// The primitives that a device offers to the operations above, on raw buffers.
///
/// All operands of a call are on the backend's device; shapes and dtypes have been checked by the caller. Unless said
/// otherwise operands may have any strided layout, operands of one call share a dtype, and results are new buffers in
/// whatever layout the backend prefers. A backend knows no gradient, layer or parameter.
package protocol Backend: Sendable {
    var device: Device { get }

    // MARK: Storage

    /// Copies host memory (row-major) into a new buffer.
    func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer
    /// Copies the elements in row-major order to host memory.
    func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer)
    /// Sets every element of `x` in place. `value` is converted to the dtype; for bool, non-zero is true.
    func fill(_ x: DeviceBuffer, with value: Double)
    /// Writes the elements of `source` over those of `destination`, casting as Swift converts numbers:
    /// floating point to integer truncates toward zero, and saturates; NaN becomes 0; non-zero becomes true.
    /// The shapes are equal; the memory does not overlap.
    func copy(_ source: DeviceBuffer, into destination: DeviceBuffer)

    // MARK: Elementwise

    func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer
    /// `a ∘ b`; the shapes broadcast.
    func binary(_ operation: BinaryOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer
    /// `x ∘ scalar`, or `scalar ∘ x` if `scalarIsLeft`.
    func binary(_ operation: BinaryOperation, _ x: DeviceBuffer, scalar: Double, scalarIsLeft: Bool) -> DeviceBuffer
    /// `a ∘ b` as bool; the shapes broadcast.
    func compare(_ operation: ComparisonOperation, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer
    /// `x ∘ scalar` as bool.
    func compare(_ operation: ComparisonOperation, _ x: DeviceBuffer, scalar: Double) -> DeviceBuffer
    /// `condition ? a : b`, elementwise; the three shapes broadcast; `condition` is bool.
    func select(_ condition: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer) -> DeviceBuffer
    /// Adds `source` to `destination` in place. The shapes are equal.
    func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer)

    // MARK: Reductions

    /// Reduces over `axes` (bit i set: axis i); they stay as axes of size 1. An empty sum is 0, product 1, mean NaN;
    /// maximum and minimum propagate NaN, and the caller has refused empty ones.
    func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer
    /// The int64 index of the first largest (smallest) element along `axis`, or of the first NaN; the axis stays with
    /// size 1.
    func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer
    /// Running sums along `axis`; from the end backwards if `isReversed`.
    func cumulativeSum(_ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer

    // MARK: Products

    /// `[…, m, k] · […, k, n] → […, m, n]`; leading axes broadcast. A transposed operand is given as `[…, k, m]` or
    /// `[…, n, k]`. `bias` `[n]` is added to every row, then comes the activation.
    func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: Activation?
    ) -> DeviceBuffer

    // MARK: Linear algebra (float32 and float64)

    /// Throws unless the library is there that `qr` needs.
    func prepareForQR() throws(MissingLibraryError)
    /// `A = Q R` for each `[…, m, n]`: Q `[…, m, k]` with orthonormal columns and R `[…, k, n]`, upper triangular, where k
    /// is the smaller of m and n. Signs are those of Householder's reflections, as LAPACK chooses them.
    func qr(_ a: DeviceBuffer) -> (q: DeviceBuffer, r: DeviceBuffer)
    /// X with `A X = B`, or `Aᵀ X = B`, for `[…, n, n]` and `[…, n, m]` with the same leading axes. Of A only the triangle
    /// above the diagonal is read, or that below.
    func triangularSolve(_ a: DeviceBuffer, _ b: DeviceBuffer, isUpper: Bool, isTransposed: Bool) -> DeviceBuffer

    // MARK: Convolution and pooling

    /// `input` `[N, C, H, W]`, `weight` `[O, C/groups, kH, kW]`, `bias` `[O]` → `outputShape` `[N, O, H', W']`, then the
    /// activation.
    func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry,
        activation: Activation?
    ) -> DeviceBuffer
    /// The gradient for an input of `inputShape`, from that of the output.
    func convolutionInputGradient(
        _ gradient: DeviceBuffer, _ weight: DeviceBuffer, inputShape: Shape, _ geometry: ConvolutionGeometry
    ) -> DeviceBuffer
    /// The gradients for a weight of `weightShape`, and for the bias if `includesBias`.
    func convolutionWeightGradient(
        _ gradient: DeviceBuffer, _ input: DeviceBuffer, weightShape: Shape, _ geometry: ConvolutionGeometry,
        includesBias: Bool
    ) -> (weight: DeviceBuffer, bias: DeviceBuffer?)

    /// The largest element of each window (padding counts as −∞), and whatever `maxPoolGradient` needs to find it again.
    func maxPool(
        _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry
    ) -> (output: DeviceBuffer, workspace: DeviceBuffer)
    func maxPoolGradient(
        _ gradient: DeviceBuffer, workspace: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry
    ) -> DeviceBuffer
    /// The mean of each window; padding counts as zeros.
    func averagePool(_ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> DeviceBuffer
    func averagePoolGradient(_ gradient: DeviceBuffer, inputShape: Shape, _ window: PoolingGeometry) -> DeviceBuffer

    // MARK: Normalisation

    /// `y = (x − μ) / √(σ² + ε) · scale + offset` for each channel of `[N, C, …]`; scale and offset `[C]`. Mean μ and
    /// variance σ² `[C]` are the given ones, or those of the channel: the latter with denominator n, and NaN if n is 0.
    func batchNorm(
        _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?, given: ChannelStatistics?, epsilon: Double
    ) -> NormalizedBatch
    /// The gradients for input, scale and offset, those that are wanted; `saved` is what `batchNorm` gave. Through the
    /// statistics, too, if they were the batch's.
    func batchNormGradient(
        _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?, saved: DeviceBuffer, isOfBatch: Bool,
        wanted: BatchNormOperands
    ) -> BatchNormGradients

    // MARK: Recurrence

    /// For t = 0 ..< T: (i, f, g, o) = (σ, σ, tanh, σ)(drive[t] + h · weightᵀ), then c = f ⊙ c + i ⊙ g and
    /// h = o ⊙ tanh c. `drive` `[T, N, 4H]`, `weight` `[4H, H]`; `hidden` and `cell` are the first h and c `[N, H]`, zeros
    /// if absent.
    func lstm(_ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?) -> LSTMSteps
    /// The gradients for `drive`, `hidden` and `cell`; gates and cells are what `lstm` gave.
    func lstmGradient(
        _ gradients: LSTMOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer, weight: DeviceBuffer,
        firstCell: DeviceBuffer?
    ) -> LSTMGradients

    // MARK: Softmax family

    /// `exp(x − max x) / Σ exp(x − max x)` along the last axis.
    func softmax(_ x: DeviceBuffer) -> DeviceBuffer
    /// `y ⊙ (g − Σ g ⊙ y)` along the last axis, for `y = softmax(x)`.
    func softmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer
    /// `x − max x − log Σ exp(x − max x)` along the last axis.
    func logSoftmax(_ x: DeviceBuffer) -> DeviceBuffer
    /// `g − exp(y) · Σ g` along the last axis, for `y = logSoftmax(x)`.
    func logSoftmaxGradient(_ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer
    /// `−log softmax(logits)[i, target[i]]` for `logits` `[N, C]`, `targets` int64 `[N]`: `[N]`, or a scalar when
    /// reduced; and the probabilities `[N, C]`. The caller has checked the targets.
    func crossEntropy(
        _ logits: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> (loss: DeviceBuffer, probabilities: DeviceBuffer)
    /// `(p − onehot(target)) · g`, divided by N for the mean. `gradient` is `[N]`, or a scalar when reduced.
    func crossEntropyGradient(
        _ gradient: DeviceBuffer, probabilities: DeviceBuffer, _ targets: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer

    // MARK: Losses

    /// `(a − b)²` for two buffers of one shape: each, or a scalar when reduced.
    func squaredError(_ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction) -> DeviceBuffer
    /// `2 (a − b) · g`, divided by the number of elements for the mean. `gradient` has the shape of the error.
    func squaredErrorGradient(
        _ gradient: DeviceBuffer, _ a: DeviceBuffer, _ b: DeviceBuffer, _ reduction: LossReduction
    ) -> DeviceBuffer

    // MARK: Indexing

    /// Slices of `x` along `axis` in the order of `indices` (int64 `[m]`, checked by the caller): axis has size m.
    func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) -> DeviceBuffer
    /// Zeros with `size` slices along `axis`, to which slice i of `values` is added at `indices[i]`; repeats add up.
    func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) -> DeviceBuffer
    /// Overwrites slice `indices[i]` of `destination` with slice i of `values`; the last of repeated indices wins.
    func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
    /// The int64 positions `[k]` of the true elements of a bool buffer, counted in row-major order.
    func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer

    // MARK: Random numbers (float32 and float64)

    /// U[low, high): low + (high − low) · u, u = word / 2³² from 24 bits (float32) or 53 bits of two words (float64).
    func randomUniform(_ shape: Shape, _ dtype: DType, low: Double, high: Double, _ key: RandomKey) -> DeviceBuffer
    /// N(mean, deviation²) by Box and Muller.
    func randomNormal(_ shape: Shape, _ dtype: DType, mean: Double, deviation: Double, _ key: RandomKey) -> DeviceBuffer
    /// A random order of 0 ..< count, int64, by Fisher and Yates.
    func randomPermutation(_ count: Int, _ key: RandomKey) -> DeviceBuffer
    /// `x / (1 − p)` where the draw's u ≥ p, else 0; 0 ≤ p < 1. Linear in x: its gradient is itself with the same key.
    func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer

    // MARK: Optimizers

    /// One step of a rule for each parameter of the table, in place.
    func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions)
}

package enum UnaryOperation: Int32, Sendable, CaseIterable {
    // Any number.
    case negate, absolute, sign, square
    // Floating point. `geluTanh` is GELU by its formula with tanh.
    case reciprocal, exp, log, squareRoot, sine, cosine, tanh, sigmoid, relu, floor, erf, gelu, geluTanh, silu
    // Bool.
    case logicalNot
}

/// What a product or a convolution does to its result in the same pass.
package enum Activation: Sendable, Hashable, CustomStringConvertible {
    case relu, sigmoid, tanh, gelu, geluTanh, silu
    /// x where x > 0, else slope · x; the slope is 0 or more.
    case leakyReLU(slope: Double)

    /// Nil for one that has a number.
    package var operation: UnaryOperation? {
        switch self {
        case .relu: .relu
        case .sigmoid: .sigmoid
        case .tanh: .tanh
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .silu: .silu
        case .leakyReLU: nil
        }
    }

    /// Whether the gradient takes what the activation was given, rather than its result.
    package var gradientTakesInput: Bool {
        switch self {
        case .gelu, .geluTanh, .silu: true
        default: false
        }
    }

    package var description: String {
        if case .leakyReLU = self { return "leakyReLU" }
        return operation.map { "\($0)" } ?? ""
    }
}

package enum BinaryOperation: Int32, Sendable, CaseIterable {
    // Any number. Integer division truncates; division of an integer by zero gives 0.
    case add, subtract, multiply, divide, power, maximum, minimum
    // Floating point; the first operand is the gradient g, the second the output y:
    // g · y · (1 − y),  g · (1 − y²),  y > 0 ? g : 0.
    case sigmoidGradient, tanhGradient, reluGradient
    // The second operand is the input x: g · f′(x).
    case geluGradient, geluTanhGradient, siluGradient
    // x > 0 ? x : slope · x.
    case leakyReLU
    // Bool.
    case logicalAnd, logicalOr
}

package enum ComparisonOperation: Int32, Sendable, CaseIterable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

package enum ReductionOperation: Int32, Sendable, CaseIterable {
    case sum, mean, product, maximum, minimum
}

package enum ArgReductionOperation: Int32, Sendable, CaseIterable {
    case largest, smallest
}

/// How per-sample losses become one number.
public enum LossReduction: Int32, Sendable, CaseIterable {
    /// The losses of all samples, `[N]`.
    case none
    /// The mean over the samples.
    case mean
    /// The sum over the samples.
    case sum
}

/// A set of axes, one bit each.
package struct AxisSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(axes: some Sequence<Int>) { self.init(rawValue: axes.reduce(0) { $0 | (1 << UInt8($1)) }) }

    package mutating func insert(axis: Int) { self = AxisSet(rawValue: rawValue | 1 << UInt8(axis)) }

    /// All axes of a shape.
    package static func all(rank: Int) -> AxisSet { AxisSet(rawValue: UInt8(truncatingIfNeeded: (1 << rank) - 1)) }
    package func contains(axis: Int) -> Bool { rawValue & (1 << UInt8(axis)) != 0 }
}

/// Stride, zero padding on both sides, dilation and groups of a 2-D convolution; pairs are (height, width).
package struct ConvolutionGeometry: Sendable, Hashable {
    package var stride: SIMD2<Int32>
    package var padding: SIMD2<Int32>
    package var dilation: SIMD2<Int32>
    package var groups: Int32

    package init(
        stride: SIMD2<Int32> = [1, 1], padding: SIMD2<Int32> = [0, 0], dilation: SIMD2<Int32> = [1, 1],
        groups: Int32 = 1
    ) {
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }
}

/// Window size, stride and padding of a 2-D pooling; pairs are (height, width).
package struct PoolingGeometry: Sendable, Hashable {
    package var size: SIMD2<Int32>
    package var stride: SIMD2<Int32>
    package var padding: SIMD2<Int32>

    package init(size: SIMD2<Int32>, stride: SIMD2<Int32>, padding: SIMD2<Int32> = [0, 0]) {
        self.size = size
        self.stride = stride
        self.padding = padding
    }
}

/// How a parameter p changes by its gradient g and its states. η is the learning rate and λ the weight decay; but for
/// `adamW`, g ← g + λp comes first. The other letters are fields of `UpdateOptions`.
package enum UpdateKind: Int32, Sendable, CaseIterable {
    /// v ← βv + g; p ← p − ηv. Where β is 0 there is no state: v is g.
    case gradientDescent
    /// m ← βm + (1 − β)g; s ← β₂s + (1 − β₂)g²; p ← p − η · m/(1 − βᵗ) / (√(s/(1 − β₂ᵗ)) + ε) in the parameter's
    /// step t = 1, 2, …
    case adam
    /// p ← p − ηλp, then as `adam`.
    case adamW
    /// s ← βs + (1 − β)g²; p ← p − ηg / (√s + ε).
    case rmsProp
    /// s ← s + g²; p ← p − ηg / (√s + ε).
    case adagrad
    /// s ← βs + (1 − β)g²; d = g · √(a + ε) / √(s + ε); a ← βa + (1 − β)d²; p ← p − ηd.
    case adadelta
    /// m ← βm + (1 − β)g; s ← s + (1 − β₂) sign(g² − s) g²; p as in `adam`.
    case yogi

    /// The states, which begin as zeros, in the order of a table's row: the names under which they are saved, PyTorch's.
    package var stateNames: [String] {
        switch self {
        case .gradientDescent: ["momentum_buffer"]
        case .adam, .adamW, .yogi: ["exp_avg", "exp_avg_sq"]
        case .rmsProp: ["square_avg"]
        case .adagrad: ["sum"]
        case .adadelta: ["square_avg", "acc_delta"]
        }
    }

    /// The optimizer's name.
    var name: String {
        switch self {
        case .gradientDescent: "SGD"
        case .adam: "Adam"
        case .adamW: "AdamW"
        case .rmsProp: "RMSprop"
        case .adagrad: "Adagrad"
        case .adadelta: "Adadelta"
        case .yogi: "Yogi"
        }
    }

    /// Whether the number of the step stands in the formula.
    package var countsSteps: Bool { self == .adam || self == .adamW || self == .yogi }

    /// Additions, products, quotients and roots for each element, without weight decay.
    func operationCount(hasState: Bool) -> Int {
        switch self {
        case .gradientDescent: hasState ? 4 : 2
        case .adam, .yogi: 13
        case .adamW: 14
        case .rmsProp: 9
        case .adagrad: 7
        case .adadelta: 16
        }
    }
}

/// A row of the table of an update: a parameter, its gradient, and its states.
package struct ParameterUpdate {
    package let parameter: DeviceBuffer
    package let gradient: DeviceBuffer
    package let first: DeviceBuffer?
    package let second: DeviceBuffer?
    /// Which step of the parameter this is, from 1.
    package let step: Int

    package init(
        _ parameter: DeviceBuffer, _ gradient: DeviceBuffer, first: DeviceBuffer? = nil, second: DeviceBuffer? = nil,
        step: Int = 1
    ) {
        self.parameter = parameter
        self.gradient = gradient
        self.first = first
        self.second = second
        self.step = step
    }
}

/// The numbers in the formulas of `UpdateKind`.
package struct UpdateOptions: Sendable, Hashable {
    /// η
    package var learningRate: Double
    /// λ
    package var weightDecay: Double
    /// β: the part of the first state that stays.
    package var decay: Double
    /// β₂: the part of the second state that stays.
    package var secondDecay: Double
    /// ε
    package var epsilon: Double

    package init(
        learningRate: Double, weightDecay: Double = 0, decay: Double = 0, secondDecay: Double = 0, epsilon: Double = 0
    ) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.decay = decay
        self.secondDecay = secondDecay
        self.epsilon = epsilon
    }
}

extension Backend {
    /// The elements in row-major order: `x` itself if they are, else a copy.
    package func contiguous(_ x: DeviceBuffer) -> DeviceBuffer {
        if x.isContiguous { return x }
        return copied(x)
    }

    /// A row-major copy.
    package func copied(_ x: DeviceBuffer) -> DeviceBuffer {
        let result = DeviceBuffer(x.shape, x.dtype, on: device)
        copy(x, into: result)
        return result
    }

    package func activated(_ x: DeviceBuffer, _ activation: Activation) -> DeviceBuffer {
        if case .leakyReLU(let slope) = activation {
            return binary(.leakyReLU, x, scalar: slope, scalarIsLeft: false)
        }
        return unary(activation.operation!, x)
    }

    /// A copy with another element type.
    package func cast(_ x: DeviceBuffer, to dtype: DType) -> DeviceBuffer {
        let result = DeviceBuffer(x.shape, dtype, on: device)
        copy(x, into: result)
        return result
    }

    /// The first of int64 `indices` that is not in 0 ..< count, nil if all are.
    package func firstIndex(_ indices: DeviceBuffer, outside count: Int) -> Int64? {
        let indices = contiguous(indices)
        return withExtendedLifetime(indices) {
            UnsafeBufferPointer(start: indices.elements(as: Int64.self), count: indices.elementCount)
                .first { $0 < 0 || $0 >= count }
        }
    }

    /// A new buffer whose elements all have one value.
    package func full(_ shape: Shape, _ dtype: DType, _ value: Double) -> DeviceBuffer {
        let result = DeviceBuffer(shape, dtype, on: device)
        fill(result, with: value)
        return result
    }
}
