import YuyanBackend

extension OperationFamily {
    package static let norm = OperationFamily("Norm", [Op.Norm.entry, Op.LogSumExp.entry])
}

extension Tensor {
    /// The axes folded, with size 1, without a gradient.
    fileprivate func folded(_ operation: ReductionOperation, _ axes: AxisSet) -> Tensor {
        Tensor(backend.reduce(operation, buffer, axes: axes))
    }

    /// A scalar of this tensor's element type, where it is.
    fileprivate func scalar(_ value: Double) -> Tensor { .full(.scalar, value, dtype: dtype, device: device) }

    /// √x, with the gradient 0 where x is 0: that of a length, which does not change there in any one direction.
    func length() -> Tensor {
        let isZero = detached() .== 0
        return select(isZero, scalar(0), select(isZero, scalar(1), self).squareRoot())
    }
}

extension Op {
    /// (Σ |x|ᵖ)^(1/p) over some axes.
    package enum Norm: UnaryRule {
        package struct Options {
            var p: Double
            var reduction: ReductionOptions
        }

        package static let name = "norm"
        package static func keeps(_ options: Options) -> Kept { [.first, .output] }

        package static func outputShape(_ x: Shape, _ options: Options) throws(ShapeError) -> Shape {
            let (p, reduction) = (options.p, options.reduction)
            if p.isInfinite, reduction.hasEmptyAxis(of: x) {
                throw ShapeError(name, "an empty axis has no norm(\(p))", [.init("input", x)])
            }
            return reduction.shape(of: x, keepingDimensions: reduction.keepsDimensions)
        }

        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            let y = value(Tensor(x), options.p, options.reduction.axes)
            return y.reshaped(shape).buffer
        }

        private static func value(_ x: Tensor, _ p: Double, _ axes: AxisSet) -> Tensor {
            if p == 0 { return (x .!= 0).cast(to: x.dtype).folded(.sum, axes) }
            let magnitudes = x.abs()
            if p == 1 { return magnitudes.folded(.sum, axes) }
            if p.isInfinite { return magnitudes.folded(p > 0 ? .maximum : .minimum, axes) }
            if x.elementCount == 0 { return magnitudes.folded(.sum, axes).pow(1 / p) }
            // Relative to the term that counts most, so that no power overflows or vanishes.
            let most = magnitudes.folded(p > 0 ? .maximum : .minimum, axes)
            let scale = select((most .> 0) .& (most .< Double.infinity), most, x.scalar(1))
            let ratios = magnitudes / scale
            let total = (p == 2 ? ratios.squared() : ratios.pow(p)).folded(.sum, axes)
            return (p == 2 ? total.squareRoot() : total.pow(1 / p)) * scale
        }

        // ∂y/∂xᵢ = sign xᵢ · (|xᵢ| / y)^(p − 1); 0 where y is 0, and where xᵢ is.
        package static func gradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            let (p, axes, x) = (options.p, options.reduction.axes, saved.first)
            let g = gradient.restored(options.reduction, x.shape)
            if p == 0 { return .zeros(like: x) }
            if p == 1 { return g * x.sign() }
            let y = saved.output.restored(options.reduction, x.shape)
            if p.isInfinite {
                let chosen = (x.detached().abs() .== y.detached()).cast(to: g.dtype)
                return g * x.sign() * (chosen / chosen.folded(.sum, axes))
            }
            let isZero = y.detached() .== 0
            let length = select(isZero, x.scalar(1), y)
            if p == 2 { return select(isZero, x.scalar(0), g * x / length) }
            // A power of 0 would have an infinite gradient of its own.
            let ratios = select(x.detached() .== 0, x.scalar(1), x.abs() / length)
            return select(isZero, x.scalar(0), g * x.sign() * ratios.pow(p - 1))
        }

        package static let entry = OperationEntry(
            name, "y = (Σ |x|ᵖ)^(1/p); max |x| and min |x| for p = ±∞, the count of x ≠ 0 for p = 0; gradient 0 at 0",
            swift: ["x.norm(_ p: Double = 2, axis: Int? = nil, keepDimensions: Bool = false) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.norm()") { $0[0].norm() },
                Sample([.real([3, 4])], torch: "a.norm(p=1)") { $0[0].norm(1) },
                Sample([.real([3, 4])], torch: "a.norm(p=3, dim=1)") { $0[0].norm(3, axis: 1) },
            ])
    }
}

extension Op {
    /// ln Σ exp(x) over some axes.
    package enum LogSumExp: UnaryRule {
        package static let name = "logSumExp"
        package static func keeps(_ options: ReductionOptions) -> Kept { [.first, .output] }

        package static func outputShape(_ x: Shape, _ options: ReductionOptions) -> Shape {
            options.shape(of: x, keepingDimensions: options.keepsDimensions)
        }

        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ options: ReductionOptions) -> DeviceBuffer {
            if x.elementCount == 0 { return x.device.backend.full(shape, x.dtype, -.infinity) }
            let x = Tensor(x)
            let largest = x.folded(.maximum, options.axes)
            // ∞ − ∞ would be NaN.
            let shift = select(largest.abs() .< Double.infinity, largest, x.scalar(0))
            let y = (x - shift).exp().folded(.sum, options.axes).log() + shift
            return y.reshaped(shape).buffer
        }

        // ∂y/∂xᵢ = exp(xᵢ − y): 0 where y is −∞; where it is ∞ the infinite elements share it, as they do in the limit.
        package static func gradient(_ gradient: Tensor, _ saved: Saved, _ options: ReductionOptions) -> Tensor {
            let x = saved.first
            let g = gradient.restored(options, x.shape)
            let y = saved.output.restored(options, x.shape)
            let isInfinite = y.detached() .== Double.infinity
            let shift = select(y.detached().abs() .< Double.infinity, y, x.scalar(0))
            let infinite = (x.detached() .== Double.infinity).cast(to: g.dtype)
            let shares = infinite / maximum(infinite.folded(.sum, options.axes), 1)
            return g * select(isInfinite, shares, select(isInfinite, x.scalar(0), x - shift).exp())
        }

        package static let entry = OperationEntry(
            name, "y = max x + ln Σ exp(x − max x)",
            swift: ["x.logSumExp(axis: Int, keepDimensions: Bool = false) -> Tensor"],
            [
                Sample([.real([3, 4])], torch: "a.logsumexp(1)") { $0[0].logSumExp(axis: 1) },
                Sample([.real([3, 4], 300...1000)], torch: "a.logsumexp(0)") { $0[0].logSumExp(axis: 0) },
            ])
    }
}

extension TensorConvertible {
    /// (Σ |x|ᵖ)^(1/p); p = 2, the Euclidean length, unless given; the largest |x| for p = ∞, the smallest for −∞, and the
    /// number of elements that are not 0 for p = 0. `axis` nil: all elements.
    ///
    /// No power overflows: the norm of 1e20 is 1e20. The gradient is sign x · (|x| / y)^(p − 1), and 0 where y or x is 0;
    /// for p = ±∞ the elements that equal the norm share it. Traps if p is NaN, and for p = ±∞ if there are no elements.
    public func norm(
        _ p: Double = 2, axis: Int? = nil, keepDimensions: Bool = false, file: StaticString = #fileID,
        line: UInt = #line
    ) -> Tensor {
        if p.isNaN { failure("norm: p must be a number", file, line) }
        let x = tensor.real()
        let reduction = Reduction.options("norm", x, axis.map { [$0] }, keepDimensions, file, line)
        return apply(Op.Norm.self, x, .init(p: p, reduction: reduction), file, line)
    }

    /// max x + ln Σ exp(x − max x) along `axis`: finite for large x, −∞ if all x are −∞, ∞ if one is ∞.
    public func logSumExp(
        axis: Int, keepDimensions: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let x = tensor.real()
        return apply(
            Op.LogSumExp.self, x, Reduction.options("logSumExp", x, [axis], keepDimensions, file, line), file, line)
    }
}
