import Testing
import YuyanBackend

/// bfloat16 is computed as float32 of the same numbers, and rounded.
@Suite struct BFloat16Tests {
    @Test func primitivesRoundTheResultsOfFloat32() {
        for call in PrimitiveCall.ofNumbers + PrimitiveCall.ofReals {
            let found = call.results(reference, .init(backend: reference, dtype: .bfloat16))
            let wanted = call.results(reference, .init(backend: reference, dtype: .float32, rounding: .bfloat16))
            #expect(found.count == wanted.count)
            for (place, (found, wanted)) in zip(found, wanted).enumerated() {
                guard let found, let wanted else {
                    #expect((found == nil) == (wanted == nil), "\(call.name)")
                    continue
                }
                // The numbers of channels stay as they are.
                let isReal = wanted.dtype == .float32 && !(call.family == .normalize && wanted.shape.rank == 1)
                #expect(
                    found.dtype == (isReal ? .bfloat16 : wanted.dtype) && found.shape == wanted.shape, "\(call.name)")
                let rounded = isReal ? reference.cast(wanted, to: .bfloat16) : wanted
                let isSame = bytes(found) == bytes(rounded)
                #expect(isSame, "result \(place) of \(call.name)")
            }
        }
    }

    private func bytes(_ x: DeviceBuffer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: x.elementCount * x.dtype.byteCount) { bytes, count in
            reference.download(x, into: UnsafeMutableRawBufferPointer(bytes))
            count = bytes.count
        }
    }

    @Test func everyFamilyIsCalled() {
        let called = Set((PrimitiveCall.ofNumbers + PrimitiveCall.ofReals).map(\.family))
        #expect(Set(PrimitiveFamily.allCases).subtracting(called) == [.random, .qr])
    }

    @Test func randomNumbersAreThoseOfFloat32() {
        for kind in [RandomKind.uniform, .normal] {
            let key = RandomKey(seed: 3, draw: 1)
            let wide = reference.random(kind, [101], .float32, [-1, 2], key)
            let found = reference.random(kind, [101], .bfloat16, [-1, 2], key)
            #expect(elements(found, as: BFloat16.self) == elements(reference.cast(wide, to: .bfloat16)))
        }
    }

    /// A number is not rounded before it is used.
    @Test func numbersStayWide() {
        for backend in [Device.reference, .cpu].filter(\.isAvailable).map(\.backend) {
            let y = backend.binary(.multiply, backend.buffer([BFloat16(3)]), scalar: 1.003, scalarIsLeft: false)
            #expect(backend.elements(y) == [BFloat16(3 * 1.003)])
        }
        #expect(BFloat16(3 * 1.003) != BFloat16(3 * Float(BFloat16(1.003))))
    }

    @Test func accumulatesIntoFloat32() {
        for backend in [Device.reference, .cpu].filter(\.isAvailable).map(\.backend) {
            let sum = backend.buffer([1 + 0x1p-20] as [Float])
            backend.accumulate(backend.buffer([BFloat16(0.5)]), into: sum)
            #expect(backend.elements(sum) == [1.5 + 0x1p-20] as [Float])
        }
    }
}
