"""What is sold without a meter at a home: stations, tankers, effluent, street lights, cameras."""
