/// Plain Swift loops, written to be read: what every other backend is compared with.
///
/// Sums of `float32` are formed in `Double`, so that results are right to the last bits. bfloat16 is computed as float32
/// and rounded: see `WidenedBackend`. All results are contiguous.
/// A buffer made on the way is always bound to a name: `contiguous(x).pointer` would outlive its memory.
package struct ReferenceBackend: Backend {
    /// Where results are put: other backends that compute in host memory use these loops for what they lack.
    package let device: Device

    package init(device: Device = .reference) { self.device = device }

    /// A new contiguous buffer with unspecified contents.
    func makeBuffer(_ shape: Shape, _ dtype: DType) -> DeviceBuffer { DeviceBuffer(shape, dtype, on: device) }

    /// Ends the process: `primitive` has no meaning for `dtype`.
    func unsupported(_ primitive: String, _ dtype: DType) -> Never {
        fatalError("\(device) backend: \(primitive) is not defined for \(dtype)")
    }
}
