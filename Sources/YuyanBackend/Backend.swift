/// The primitives that a device offers to the operations above, on raw buffers.
///
/// All operands of a call are on the backend's device; shapes and dtypes have been checked by the caller. Unless said
/// otherwise operands may have any layout, operands of one call share a dtype, and results are new buffers in
/// whatever layout the backend prefers. A backend knows no gradient, layer or parameter.
///
/// A device must have the primitives of storage. All others have a default (`Defaults/`): views where memory is
/// strided, and else `throughReference`.
package protocol Backend: Sendable {
    var device: Device { get }

    // MARK: Storage

    /// Copies host memory (row-major) into a new buffer.
    func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer
    /// Copies the elements in row-major order to host memory.
    func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer)
    /// Writes the elements of `source` over those of `destination`, casting as Swift converts numbers:
    /// floating point to integer truncates toward zero, and saturates; NaN becomes 0; non-zero becomes true.
    /// The shapes are equal; the memory does not overlap.
    func copy(_ source: DeviceBuffer, into destination: DeviceBuffer)
    /// Sets every element of `x` in place. `value` is converted to the dtype; for bool, non-zero is true.
    func fill(_ x: DeviceBuffer, with value: Double)

    // MARK: Movement. Results may be views.

    /// The same elements in row-major order under another shape.
    func reshaped(_ x: DeviceBuffer, _ shape: Shape) -> DeviceBuffer
    /// Axis i of the result is axis `axes[i]` of `x`.
    func permuted(_ x: DeviceBuffer, _ axes: [Int]) -> DeviceBuffer
    /// The elements repeated along axes of size 1, and new leading axes.
    func broadcast(_ x: DeviceBuffer, to shape: Shape) -> DeviceBuffer
    func sliced(_ x: DeviceBuffer, _ region: Region) -> DeviceBuffer
    /// The parts of these sizes along an axis.
    func split(_ x: DeviceBuffer, axis: Int, sizes: [Int]) -> [DeviceBuffer]
    /// The operands, of which there is one at least, one after the other along an axis: a new buffer of `shape`.
    func concatenated(_ operands: [DeviceBuffer], axis: Int, _ shape: Shape) -> DeviceBuffer
    /// Writes `values`, whose shape broadcasts to the region's, over a region of `x`, in place.
    func replace(_ region: Region, of x: DeviceBuffer, with values: DeviceBuffer)
    /// Zeros of `shape`, but for `x` in the region: a new buffer.
    func placed(_ x: DeviceBuffer, in region: Region, of shape: Shape) -> DeviceBuffer
    /// A new buffer with the same elements, which lie as those of `x` if these fill a block.
    func duplicated(_ x: DeviceBuffer) -> DeviceBuffer

    // MARK: Elementwise

    func unary(_ operation: UnaryOperation, _ x: DeviceBuffer) -> DeviceBuffer
    /// `g · f′` for y = f(x); of x and y, the one that `operation.gradientReads` names is there.
    func unaryGradient(_ operation: UnaryOperation, _ gradient: DeviceBuffer, x: DeviceBuffer?, y: DeviceBuffer?)
        -> DeviceBuffer
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
    /// Adds `source` to `destination` in place. The shapes are equal; the source may be bfloat16 where sums are float32.
    func accumulate(_ source: DeviceBuffer, into destination: DeviceBuffer)

    // MARK: Reductions

    /// Reduces over `axes` (bit i set: axis i); they stay as axes of size 1. An empty sum is 0, product 1, mean NaN;
    /// maximum and minimum propagate NaN, and the caller has refused empty ones.
    func reduce(_ operation: ReductionOperation, _ x: DeviceBuffer, axes: AxisSet) -> DeviceBuffer
    /// The int64 index of the first largest (smallest) element along `axis`, or of the first NaN; the axis stays with
    /// size 1.
    func argReduce(_ operation: ArgReductionOperation, _ x: DeviceBuffer, axis: Int) -> DeviceBuffer
    /// Each element combined with all before it along `axis`; from the end backwards if `isReversed`.
    func scan(_ kind: ScanKind, _ x: DeviceBuffer, axis: Int, isReversed: Bool) -> DeviceBuffer

    // MARK: Products

    /// `[…, m, k] · […, k, n] → […, m, n]`; leading axes broadcast. A transposed operand is given as `[…, k, m]` or
    /// `[…, n, k]`. `bias` `[n]` is added to every row, then comes the activation.
    func matmul(
        _ a: DeviceBuffer, _ b: DeviceBuffer, transposeA: Bool, transposeB: Bool, bias: DeviceBuffer?,
        activation: UnaryOperation?
    ) -> DeviceBuffer

    // MARK: Linear algebra (float32 and float64)

    /// Throws unless the library is there that a kind needs.
    func prepare(_ kind: LinearAlgebraKind) throws(MissingLibraryError)
    /// - `qr`: from A, `A = Q R` for each `[…, m, n]`: Q `[…, m, k]` with orthonormal columns and R `[…, k, n]`, upper
    ///   triangular, where k is the smaller of m and n. Signs are those of Householder's reflections, as LAPACK chooses
    ///   them.
    /// - `triangularSolve`: from A `[…, n, n]` and B `[…, n, m]` with the same leading axes, the X of `options`. Of A only
    ///   one triangle is read.
    func linearAlgebra(_ kind: LinearAlgebraKind, _ operands: [DeviceBuffer], _ options: TriangularOptions)
        -> [DeviceBuffer]

    // MARK: Convolution and pooling

    /// `input` `[N, C, H, W]`, `weight` `[O, C/groups, kH, kW]`, `bias` `[O]` → `outputShape` `[N, O, H', W']`, then the
    /// activation.
    func convolution(
        _ input: DeviceBuffer, _ weight: DeviceBuffer, bias: DeviceBuffer?, outputShape: Shape,
        _ geometry: ConvolutionGeometry, activation: UnaryOperation?
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

    /// The largest element of each window (padding counts as −∞), or the mean (padding counts as zeros).
    func pool(_ kind: PoolKind, _ input: DeviceBuffer, outputShape: Shape, _ window: PoolingGeometry) -> Pooled
    /// The gradient for an input of `inputShape`; the workspace is what `pool` gave.
    func poolGradient(
        _ kind: PoolKind, _ gradient: DeviceBuffer, workspace: DeviceBuffer?, inputShape: Shape,
        _ window: PoolingGeometry
    ) -> DeviceBuffer

    // MARK: Normalisation

    /// `batch`: `y = (x − μ) / √(σ² + ε) · scale + offset` for each channel of `[N, C, …]`; scale and offset `[C]`. Mean μ
    /// and variance σ² `[C]` are the given ones, or those of the channel: the latter with denominator n, and NaN if n is 0.
    /// Where x is bfloat16 all of `[C]` may be float32, and what comes out is.
    func normalize(
        _ kind: NormalizationKind, _ x: DeviceBuffer, scale: DeviceBuffer?, offset: DeviceBuffer?,
        given: ChannelStatistics?, epsilon: Double
    ) -> Normalized
    /// The gradients for input, scale and offset, those that are wanted; `saved` is what `normalize` gave. Through the
    /// statistics, too, if they were the batch's.
    func normalizeGradient(
        _ kind: NormalizationKind, _ gradient: DeviceBuffer, _ x: DeviceBuffer, scale: DeviceBuffer?,
        saved: DeviceBuffer, isOfBatch: Bool, wanted: NormalizationOperands
    ) -> NormalizationGradients

    // MARK: Recurrence

    /// `lstm`: for t = 0 ..< T: (i, f, g, o) = (σ, σ, tanh, σ)(drive[t] + h · weightᵀ), then c = f ⊙ c + i ⊙ g and
    /// h = o ⊙ tanh c. `drive` `[T, N, 4H]`, `weight` `[4H, H]`; `hidden` and `cell` are the first h and c `[N, H]`, zeros
    /// if absent.
    func recurrent(
        _ kind: RecurrenceKind, _ drive: DeviceBuffer, weight: DeviceBuffer, hidden: DeviceBuffer?, cell: DeviceBuffer?
    ) -> RecurrentSteps
    /// The gradients for `drive`, `hidden` and `cell`; gates and cells are what `recurrent` gave.
    func recurrentGradient(
        _ kind: RecurrenceKind, _ gradients: RecurrentOutputGradients, gates: DeviceBuffer, cells: DeviceBuffer,
        weight: DeviceBuffer, firstCell: DeviceBuffer?
    ) -> RecurrentGradients

    // MARK: Softmax and losses

    /// `exp(x − max x) / Σ exp(x − max x)` along the last axis, or its logarithm.
    func softmax(_ kind: SoftmaxKind, _ x: DeviceBuffer) -> DeviceBuffer
    /// For y = `softmax(kind, x)`: `y ⊙ (g − Σ g ⊙ y)`, or `g − exp(y) · Σ g` for its logarithm.
    func softmaxGradient(_ kind: SoftmaxKind, _ gradient: DeviceBuffer, output: DeviceBuffer) -> DeviceBuffer

    /// The loss of each sample, or a scalar when reduced.
    ///
    /// - `squaredError`: `(a − b)²` for each element of two buffers of one shape.
    /// - `crossEntropy`: `−Σ q_c w_c log softmax(logits)_c` for `logits` `[N, C]` and `targets` int64 `[N]`, where q is
    ///   1 − ε at the target plus ε/C everywhere and w are the class weights; 0 for the ignored target. The mean divides by
    ///   the sum of the targets' weights. Throws if a target is no class.
    func loss(_ kind: LossKind, _ predictions: DeviceBuffer, _ targets: DeviceBuffer, _ options: LossOptions)
        throws(IndexError) -> Loss
    /// The gradient for the predictions. `gradient` has the shape of the loss; `saved` and the targets are those of
    /// `loss`.
    func lossGradient(
        _ kind: LossKind, _ gradient: DeviceBuffer, _ predictions: DeviceBuffer, _ targets: DeviceBuffer,
        saved: DeviceBuffer?, _ options: LossOptions
    ) -> DeviceBuffer

    // MARK: Indexing. Indices are int64 `[m]`, and negative ones count from the end. Throws for one that names nothing.

    /// Slices of `x` along `axis` in the order of `indices`: axis has size m.
    func gather(_ x: DeviceBuffer, axis: Int, indices: DeviceBuffer) throws(IndexError) -> DeviceBuffer
    /// Zeros with `size` slices along `axis`, to which slice i of `values` is added at `indices[i]`; repeats add up.
    func scatterAdd(_ values: DeviceBuffer, axis: Int, indices: DeviceBuffer, size: Int) throws(IndexError)
        -> DeviceBuffer
    /// Overwrites slice `indices[i]` of `destination` with slice i of `values`; the last of repeated indices wins.
    func scatter(_ values: DeviceBuffer, into destination: DeviceBuffer, axis: Int, indices: DeviceBuffer)
        throws(IndexError)
    /// 1 at the index, else 0, along a new last axis: `[…] → […, count]`, int64. Indices of any shape, none negative.
    func oneHot(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer
    /// The same indices counted from the start.
    func resolvedIndices(_ indices: DeviceBuffer, count: Int) throws(IndexError) -> DeviceBuffer
    /// The int64 positions `[k]` of the true elements of a bool buffer, counted in row-major order.
    func nonzero(_ mask: DeviceBuffer) -> DeviceBuffer

    // MARK: Random numbers

    /// `uniform`: U[a, b): a + (b − a) · u, u = word / 2³² from 24 bits (float32) or 53 bits of two words (float64), where
    /// a and b are the numbers. `normal`: N(a, b²) by Box and Muller. `permutation`: a random order of 0 ..< n, int64 `[n]`,
    /// by Fisher and Yates.
    func random(_ kind: RandomKind, _ shape: Shape, _ dtype: DType, _ numbers: SIMD2<Double>, _ key: RandomKey)
        -> DeviceBuffer
    /// `x / (1 − p)` where the draw's u ≥ p, else 0; 0 ≤ p < 1. Linear in x: its gradient is itself with the same key.
    func dropout(_ x: DeviceBuffer, probability: Double, _ key: RandomKey) -> DeviceBuffer

    // MARK: Optimizers

    /// One step of a rule for each parameter of the table, in place.
    func update(_ kind: UpdateKind, _ table: [ParameterUpdate], _ options: UpdateOptions)

    // MARK: What a device lacks

    /// How a primitive is computed that a device lacks: by the Reference loops, with copies in host memory unless its own
    /// memory is the host's.
    func throughReference(
        _ operands: [DeviceBuffer?],
        _ body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) -> [DeviceBuffer?]
    ) -> [DeviceBuffer?]
    /// The same for a primitive that changes its first `count` operands.
    func changeThroughReference(
        _ operands: [DeviceBuffer?], count: Int,
        _ body: (_ reference: any Backend, _ operands: [DeviceBuffer?]) -> Void
    )
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

    /// A copy with another element type.
    package func cast(_ x: DeviceBuffer, to dtype: DType) -> DeviceBuffer {
        let result = DeviceBuffer(x.shape, dtype, on: device)
        copy(x, into: result)
        return result
    }

    /// A new buffer whose elements all have one value.
    package func full(_ shape: Shape, _ dtype: DType, _ value: Double) -> DeviceBuffer {
        let result = DeviceBuffer(shape, dtype, on: device)
        fill(result, with: value)
        return result
    }
}
