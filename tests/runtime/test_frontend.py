"""The ear's constants against numpy's Fourier transform, scipy's window and values that librosa printed."""

import numpy as np
import pytest
import scipy.signal

from openaffect.runtime.frontend import AMIN, BINS, EPS, HOP, MELS, N_FFT, dft_kernels, mel_matrix


def test_kernels_are_the_fourier_transform_of_a_periodic_hann_window():
    sound = np.random.default_rng(0).standard_normal(N_FFT)
    spectrum = np.fft.rfft(scipy.signal.get_window("hann", N_FFT, fftbins=True) * sound)
    real, imaginary = dft_kernels()
    assert real.shape == imaginary.shape == (BINS, N_FFT) and real.dtype == imaginary.dtype == np.float32
    assert np.abs(real @ sound - spectrum.real).max() < 1e-5
    assert np.abs(imaginary @ sound - spectrum.imag).max() < 1e-5


# librosa 0.11.0, librosa.filters.mel(sr=16000, n_fft=64, n_mels=26).T
@pytest.mark.parametrize(
    ("bin_", "band", "value"),
    [
        (1, 1, 0.0068226950243115425),
        (2, 3, 0.00469425180926919),
        (4, 7, 0.0004511851293500513),
        (8, 13, 0.00016663115820847452),
        (15, 18, 0.0),
        (20, 21, 0.0001613076456123963),
        (24, 23, 0.0007821803446859121),
        (31, 25, 0.00034883449552580714),
    ],
)
def test_mel_matrix_is_librosas(bin_, band, value):
    assert mel_matrix()[bin_, band] == pytest.approx(value, abs=1e-9)


def test_mel_bands_sum_to_what_librosas_sum_to():
    # The same call, .sum(0): each band as a whole, the first of which is empty.
    sums = [0.0, 0.0068226950243115425, 0.0021284434478729963, 0.00469425180926919, 0.004256886895745993]
    sums += [0.0025658083613961935, 0.006385330576449633, 0.0004511851293500513, 0.00809146836400032]
    sums += [0.0009045854676514864, 0.006033383309841156, 0.0033151365350931883, 0.003567251842468977]
    sums += [0.004036339931190014, 0.004212346859276295, 0.004190478473901749, 0.004039772320538759]
    sums += [0.003809769172221422, 0.004035486839711666, 0.0038726592902094126, 0.004099056124687195]
    sums += [0.004068670328706503, 0.0039732493460178375, 0.003979947417974472, 0.003997907508164644]
    sums += [0.003955074120312929]
    matrix = mel_matrix()
    assert matrix.shape == (BINS, MELS) and matrix.dtype == np.float32
    assert np.abs(matrix.sum(0) - sums).max() < 1e-8
    assert not matrix[:, 0].any()


def test_constants_are_those_of_the_published_network():
    assert (N_FFT, HOP, BINS, MELS, AMIN, EPS) == (64, 32, 33, 26, 1e-10, 1e-7)
