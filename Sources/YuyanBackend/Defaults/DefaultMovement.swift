// Movement by strides: views, where there are strides.

extension Backend {
    package func reshaped(_ x: DeviceBuffer, _ shape: Shape, layout: Layout) -> DeviceBuffer {
        x.reshapedView(shape) ?? copied(x).reshapedView(shape)!
    }

    package func permuted(_ x: DeviceBuffer, _ axes: [Int]) -> DeviceBuffer {
        let x = x.strided
        let (sizes, old) = (x.shape, x.strides)
        var shape = sizes
        var new = Strides(lanes: SIMD8(repeating: 0))
        for (to, from) in axes.enumerated() {
            shape[to] = sizes[from]
            new[to, rank: x.rank] = old[from, rank: x.rank]
        }
        return x.view(shape, new)
    }

    package func broadcast(_ x: DeviceBuffer, to shape: Shape) -> DeviceBuffer {
        if x.shape == shape { return x }
        let x = x.strided
        var lanes = x.strides.lanes
        for lane in 0..<8 where x.shape.lanes[lane] != shape.lanes[lane] { lanes[lane] = 0 }
        return x.view(shape, Strides(lanes: lanes))
    }

    package func sliced(_ x: DeviceBuffer, _ region: Region) -> DeviceBuffer { region.view(of: x.strided) }

    package func split(_ x: DeviceBuffer, axis: Int, sizes: [Int]) -> [DeviceBuffer] {
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return sliced(x, Region(of: x.shape, axis: axis, from: start, count: size))
        }
    }

    package func concatenated(_ operands: [DeviceBuffer], axis: Int, _ shape: Shape) -> DeviceBuffer {
        let result = DeviceBuffer(shape, operands[0].dtype, on: device)
        var start = 0
        for x in operands {
            copy(x, into: Region(of: shape, axis: axis, from: start, count: x.shape[axis]).view(of: result))
            start += x.shape[axis]
        }
        return result
    }

    package func replace(_ region: Region, of x: DeviceBuffer, with values: DeviceBuffer) {
        copy(broadcast(values, to: region.shape), into: region.view(of: x))
    }

    package func placed(_ x: DeviceBuffer, in region: Region, of shape: Shape) -> DeviceBuffer {
        let result = full(shape, x.dtype, 0)
        replace(region, of: result, with: x)
        return result
    }

    package func duplicated(_ x: DeviceBuffer) -> DeviceBuffer { copied(x) }
}
