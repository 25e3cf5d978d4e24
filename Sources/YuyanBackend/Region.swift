/// A rectangular, possibly stepped, part of a shape.
package struct Region: Sendable {
    package var shape: Shape
    package var starts: SIMD8<Int>
    package var steps: SIMD8<Int>

    /// All of a shape.
    package init(all shape: Shape) {
        self.shape = shape
        starts = SIMD8(repeating: 0)
        steps = SIMD8(repeating: 1)
    }

    /// `count` slices along one axis.
    package init(of shape: Shape, axis: Int, from start: Int, count: Int, step: Int = 1) {
        self.init(all: shape)
        restrict(axis: axis, from: start, count: count, step: step)
    }

    /// Keeps `count` positions of an axis from `start` on, every `step`-th.
    package mutating func restrict(axis: Int, from start: Int, count: Int, step: Int = 1) {
        let lane = 8 - shape.rank + axis
        starts[lane] = start
        steps[lane] = step
        shape[axis] = count
    }

    /// The part of a buffer with strides that this region covers: a view.
    func view(of buffer: DeviceBuffer) -> DeviceBuffer {
        let strides = buffer.strides.lanes
        return buffer.view(
            shape, Strides(lanes: strides &* steps),
            offset: shape.elementCount == 0 ? 0 : (strides &* starts).wrappedSum())
    }
}
