"""Reviews that other publishers made, coming in: ClaimReview and its kin → ExternalReviews."""
