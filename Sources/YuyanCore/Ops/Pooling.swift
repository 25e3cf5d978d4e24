import YuyanBackend

extension OperationFamily {
    package static let pooling = OperationFamily(
        "Pooling", [Op.MaxPool2D.entry, Op.AvgPool2D.entry, Op.AvgPool2DGradient.entry])
}

extension PoolingGeometry {
    /// The shape rule of both poolings.
    fileprivate func outputShape(_ name: String, _ x: Shape) throws(ShapeError) -> Shape {
        guard x.rank == 4 else {
            throw ShapeError(name, "the input must have 4 axes", [.init("input", axes: "[N, C, H, W]", x)])
        }
        let window = (Int(size.x), Int(size.y))
        let counts = Size2D.windowCounts((x[2], x[3]), kernel: window, stride: stride, padding: padding)
        guard counts.height > 0, counts.width > 0 else {
            throw ShapeError(
                name, "the window must fit into the padded input",
                [
                    .init("input", axes: "[N, C, H, W]", x, note: "padding = \(padding.x), \(padding.y)"),
                    .init("window", axes: "[kH, kW]", [window.0, window.1]),
                ])
        }
        return Shape(samples: x[0], channels: x[1], height: counts.height, width: counts.width)
    }
}

extension Op {
    package enum AvgPool2D: UnaryRule {
        package static let name = "avgPool2D"
        package static func outputShape(_ x: Shape, _ window: PoolingGeometry) throws(ShapeError) -> Shape {
            try window.outputShape(name, x)
        }
        package static func forward(_ x: DeviceBuffer, _ shape: Shape, _ window: PoolingGeometry) -> DeviceBuffer {
            x.device.backend.pool(.average, x, outputShape: shape, window).output
        }
        package static func gradient(_ g: Tensor, _ saved: Saved, _ window: PoolingGeometry) -> Tensor {
            apply(Op.AvgPool2DGradient.self, g, .init(window: window, shape: saved.firstShape))
        }
        package static let entry = OperationEntry(
            name, "the mean of each window; padding counts as zeros",
            swift: ["x.avgPool2D(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0) -> Tensor"],
            [
                Sample([.real([2, 3, 6, 8])], torch: "torch.nn.functional.avg_pool2d(a, 2)") {
                    $0[0].avgPool2D(kernelSize: 2)
                },
                Sample([.real([2, 3, 5, 7])], torch: "torch.nn.functional.avg_pool2d(a, (3, 2), (2, 1), (1, 0))") {
                    $0[0].avgPool2D(kernelSize: [3, 2], stride: [2, 1], padding: [1, 0])
                },
            ])
    }
}

extension Op {
    /// Spreads each element of g evenly over its window; linear, and the transpose of `AveragePooling2D`.
    package enum AvgPool2DGradient: UnaryRule {
        package struct Options {
            var window: PoolingGeometry
            var shape: Shape
        }
        package static let name = "avgPool2DGradient"
        package static func outputShape(_ g: Shape, _ options: Options) -> Shape { options.shape }
        package static func forward(_ g: DeviceBuffer, _ shape: Shape, _ options: Options) -> DeviceBuffer {
            g.device.backend.poolGradient(.average, g, workspace: nil, inputShape: shape, options.window)
        }
        package static func gradient(_ gradient: Tensor, _ saved: Saved, _ options: Options) -> Tensor {
            apply(Op.AvgPool2D.self, gradient, options.window)
        }
        package static let entry = OperationEntry(
            name, "the gradient of avgPool2D",
            [
                Sample([.real([2, 3, 3, 4])], torch: "a.repeat_interleave(2, 2).repeat_interleave(2, 3) / 4") {
                    apply(
                        Op.AvgPool2DGradient.self, $0[0],
                        .init(window: .init(size: [2, 2], stride: [2, 2]), shape: [2, 3, 6, 8]))
                }
            ])
    }
}

extension Op {
    /// The largest element of each window.
    package enum MaxPool2D: GeneralRule {
        package static let name = "maxPool2D"

        package static func outputShapes(
            _ operands: Few<Shape?>, _ window: PoolingGeometry
        ) throws(ShapeError) -> Few<Shape> {
            Few(try window.outputShape(name, operands[0]!))
        }

        /// The workspace says for each window where in its plane the largest element lies.
        package static func forward(
            _ operands: Few<DeviceBuffer?>, _ shapes: Few<Shape>, _ window: PoolingGeometry
        ) -> Computed {
            let x = operands[0]!
            let pooled = x.device.backend.pool(.maximum, x, outputShape: shapes[0], window)
            return Computed(pooled.output, workspace: pooled.workspace!)
        }

        package static func gradients(
            _ gradients: Few<Tensor?>, _ saved: SavedValues, _ window: PoolingGeometry
        ) -> Few<Tensor?> {
            let (g, workspace, shape) = (gradients[0]!, saved.workspaces[0], saved.shape(0))
            if !g.isRecorded {
                return Few(
                    Tensor(
                        g.backend.poolGradient(
                            .maximum, g.buffer, workspace: workspace, inputShape: shape, window)))
            }
            // The same as a sum at positions, which has a gradient.
            let planes = Tensor.arange(shape[0] * shape[1], device: g.device).reshaped([shape[0], shape[1], 1, 1])
            let positions = Tensor(workspace).cast(to: .int64) + planes * (shape[2] * shape[3])
            let sums = applyForOne(
                Op.ScatterAdd.self, Few(g.flattened(), positions.flattened()), .init(axis: 0, size: shape.elementCount))
            return Few(sums.reshaped(shape))
        }

        package static let entry = OperationEntry(
            name, "the largest element of each window; padding counts as −∞",
            swift: ["x.maxPool2D(kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0) -> Tensor"],
            [
                Sample([.real([2, 3, 6, 8])], torch: "torch.nn.functional.max_pool2d(a, 2)") {
                    $0[0].maxPool2D(kernelSize: 2)
                },
                Sample([.real([2, 3, 5, 7], -3 ... -1)], torch: "torch.nn.functional.max_pool2d(a, 3, 2, 1)") {
                    $0[0].maxPool2D(kernelSize: 3, stride: 2, padding: 1)
                },
            ])
    }
}

extension TensorConvertible {
    /// The mean of each window of `[N, C, H, W]`; padding counts as zeros.
    ///
    /// - Parameters: kernelSize k; stride s, the window unless given; padding p, at most half the window.
    /// - Returns: `[N, C, H', W']`, H' = ⌊(H + 2p − k) / s⌋ + 1. Traps if the window does not fit.
    public func avgPool2D(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let window = poolingGeometry("avgPool2D", kernelSize, stride ?? kernelSize, padding, file, line)
        return apply(Op.AvgPool2D.self, tensor.real(), window, file, line)
    }

    /// The largest element of each window of `[N, C, H, W]`; padding counts as −∞.
    ///
    /// - Parameters: kernelSize k; stride s, the window unless given; padding p, at most half the window.
    /// - Returns: `[N, C, H', W']`, H' = ⌊(H + 2p − k) / s⌋ + 1. Traps if the window does not fit.
    public func maxPool2D(
        kernelSize: Size2D, stride: Size2D? = nil, padding: Size2D = 0,
        file: StaticString = #fileID, line: UInt = #line
    ) -> Tensor {
        let window = poolingGeometry("maxPool2D", kernelSize, stride ?? kernelSize, padding, file, line)
        return applyForOne(Op.MaxPool2D.self, Few(tensor.real()), window, file, line)
    }
}

private func poolingGeometry(
    _ name: String, _ size: Size2D, _ stride: Size2D, _ padding: Size2D, _ file: StaticString, _ line: UInt
) -> PoolingGeometry {
    let isValid = min(size.height, size.width, stride.height, stride.width) > 0
    let fits = 2 * padding.height <= size.height && 2 * padding.width <= size.width
    guard isValid, fits, min(padding.height, padding.width) >= 0 else {
        failure(
            """
            \(name): kernelSize and stride must be above 0, padding 0 to half the kernelSize
              kernelSize = \(size), stride = \(stride), padding = \(padding)
            """, file, line)
    }
    return PoolingGeometry(size: size.lanes, stride: stride.lanes, padding: padding.lanes)
}
